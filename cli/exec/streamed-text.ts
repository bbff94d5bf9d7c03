/** What of a growing text has not been shown yet. Pure. */

/**
 * A stream of one step of one node: it grows, and comes whole each time. It is shown as far as the text is what the node
 * put out, byte for byte: a report that ends within a character, or bytes that are no text, have U+FFFD in their place.
 */
export class StreamedText {
  #shown = 0;
  #shownBytes = 0;

  /** Bytes of UTF-8 that have been shown. */
  get shownBytes(): number {
    return this.#shownBytes;
  }

  /**
   * @param whole the text so far
   * @param asItIs with what stands for other bytes: nothing better will come
   * @returns what is new of it
   */
  next(whole: string, asItIs = false): string {
    const end = asItIs ? whole.length : exactLength(whole);
    if (end <= this.#shown) return '';
    const text = whole.slice(this.#shown, end);
    this.#shown = end;
    this.#shownBytes += Buffer.byteLength(text);
    return text;
  }
}

/** How much of a text from a report is exactly what the node put out. */
export function exactLength(text: string): number {
  // With the flag u only halves of characters that stand alone are surrogates.
  const at = text.search(/[\uFFFD\uD800-\uDFFF]/u);
  return at < 0 ? text.length : at;
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
