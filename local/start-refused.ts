/** Why Flotilla does not start, in words for the person at the terminal: no stack helps them. */
export class StartRefused extends Error {
  override readonly name: string = 'StartRefused';
}
