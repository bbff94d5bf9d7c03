/** Why Flotilla does not start, as a message for the person at the terminal, who gets no stack trace. */
export class StartRefused extends Error {
  override readonly name: string = 'StartRefused';
}
