/** The part of a growing text that was not shown yet. Pure. */

/**
 * A stream of one step on one node. It grows, and each report has the whole text. It is shown only as far as the text
 * is exactly the node's output: where a report ends within a character, or bytes are no valid text, there is U+FFFD
 * instead.
 */
export class StreamedText {
  #shown = 0;
  #shownBytes = 0;

  /** Bytes of UTF-8 that were shown. */
  get shownBytes(): number {
    return this.#shownBytes;
  }

  /**
   * @param whole the text so far
   * @param asItIs also shows U+FFFD, when no better text will come
   * @returns the part that was not shown yet
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

/** How much of a report's text is exactly the node's output. */
export function exactLength(text: string): number {
  // With the flag u only unpaired halves of characters match as surrogates.
  const at = text.search(/[\uFFFD\uD800-\uDFFF]/u);
  return at < 0 ? text.length : at;
}

/** Text in lines, each with a prefix; an incomplete line waits for its end. */
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
    // A progress bar overwrites its line, so only its last state is shown.
    if (lines.length > 0)
      this.#write(
        lines
          .map(
            (line) => `${this.#prefix}${line.slice(line.lastIndexOf('\r', line.length - 2) + 1).replace(/\r$/, '')}\n`,
          )
          .join(''),
      );
  }

  /** Shows the last line, which has no line end. */
  end(): void {
    if (this.#rest !== '') this.push('\n');
  }
}
