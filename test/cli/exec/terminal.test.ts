import { expect, test } from 'vitest';
import { openTerminal, type Terminal } from '../../../cli/exec/terminal.ts';

/** What a screen of one terminal shows in the end, line by line. */
function screen(
  use: (terminal: Terminal) => void,
  { outIsTerminal = true, errorIsTerminal = true } = {},
): { lines: string[]; out: string } {
  let shown = '';
  let out = '';
  const stream = (isTTY: boolean, keep: (text: string) => void) =>
    ({ isTTY, columns: 20, write: (text: string) => (keep(text), true) }) as unknown as NodeJS.WriteStream;
  const onScreen = (text: string): void => void (shown += text);
  use(
    openTerminal(
      stream(outIsTerminal, outIsTerminal ? onScreen : (text) => void (out += text)),
      stream(errorIsTerminal, onScreen),
    ),
  );
  // What stands before a carriage return and an erased line is gone.
  return { lines: shown.split('\n').map((line) => line.replace(/.*\r\u001b\[K/s, '')), out };
}

test('progress stands beneath the output, in its own line', () => {
  expect(
    screen((terminal) => {
      terminal.progress('1/3 done');
      terminal.out('web1 | hello\n');
      terminal.progress('2/3 done');
    }).lines,
  ).toEqual(['web1 | hello', '2/3 done']);
});

test('it is cut to the width, goes when it is empty, and does not break into a line that has not ended', () => {
  expect(screen((terminal) => terminal.progress('x'.repeat(100))).lines).toEqual(['x'.repeat(19)]);
  expect(
    screen((terminal) => {
      terminal.progress('1/3 done');
      terminal.out('half a line');
      terminal.progress('2/3 done');
      terminal.out(', and the rest\n');
      terminal.progress('');
    }).lines,
  ).toEqual(['half a line, and the rest', '']);
});

test('into a file goes output alone', () => {
  const { out } = screen(
    (terminal) => {
      terminal.progress('1/3 done');
      terminal.out('hello\n');
    },
    { outIsTerminal: false },
  );
  expect(out).toBe('hello\n');
  expect(screen((terminal) => terminal.progress('1/3 done'), { errorIsTerminal: false }).lines).toEqual(['']);
});
