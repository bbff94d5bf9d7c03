/** Writes output, and below it one line of progress where standard error is a terminal. */

export interface Terminal {
  out(output: string | Uint8Array): void;
  error(output: string | Uint8Array): void;
  /** Replaces the line of progress; does nothing without a terminal. */
  progress(text: string): void;
  readonly interactive: boolean;
}

/**
 * Two streams that may be the same terminal: the line of progress is removed before anything is written, and shown
 * again after complete lines.
 */
export function openTerminal(out: NodeJS.WriteStream, error: NodeJS.WriteStream): Terminal {
  const interactive = error.isTTY === true;
  let shown = '';
  /** Whether the last output ended its line: only then can the line of progress be shown. */
  let atStart = true;
  const clear = (): void => {
    if (shown !== '') error.write('\r\u001b[K');
    shown = '';
  };
  const write = (stream: NodeJS.WriteStream, output: string | Uint8Array): void => {
    if (output.length === 0) return;
    clear();
    stream.write(output);
    const last = output.at(-1);
    if (stream.isTTY === true) atStart = last === '\n' || last === 0x0a;
  };
  return {
    interactive,
    out: (output) => write(out, output),
    error: (output) => write(error, output),
    progress: (text) => {
      if (!interactive || (text !== '' && !atStart)) return;
      const fitting = text.slice(0, Math.max(0, (error.columns ?? 80) - 1));
      if (fitting === shown) return;
      clear();
      error.write(fitting);
      shown = fitting;
    },
  };
}
