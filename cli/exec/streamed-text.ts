/** What of a growing text has not been shown yet. Pure. */

/** A stream of one step of one node: it grows, and comes whole each time. */
export class StreamedText {
  #shown = 0;

  /** Characters that have been shown. */
  get shown(): number {
    return this.#shown;
  }

  /** @param whole the text so far @returns what is new of it */
  next(whole: string): string {
    if (whole.length <= this.#shown) return '';
    const text = whole.slice(this.#shown);
    this.#shown = whole.length;
    return text;
  }
}

/** Text in lines, each with a prefix; what is no whole line waits for its end. */
export class PrefixedLines {
  readonly #prefix: string;
  readonly #write: (text: string) => void;
  #rest = '';

  constructor(prefix: string, write: (text: string) => void) {
    this.#prefix = prefix;
    this.#write = write;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    // A progress bar overwrites its line: what stands last on it is what one would see.
    if (lines.length > 0)
      this.#write(
        lines
          .map(
            (line) => `${this.#prefix}${line.slice(line.lastIndexOf('\r', line.length - 2) + 1).replace(/\r$/, '')}\n`,
          )
          .join(''),
      );
  }

  /** The last line, which has no end. */
  end(): void {
    if (this.#rest !== '') this.push('\n');
  }
}
