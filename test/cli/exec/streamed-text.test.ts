import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PrefixedLines, StreamedText } from '../../../cli/exec/streamed-text.ts';

test('however a text comes, it is shown once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(200)), (text, cuts) => {
      const stream = new StreamedText();
      // Reports come late and twice too.
      const shown = [...cuts.map((at) => text.slice(0, at)), text].map((whole) => stream.next(whole)).join('');
      expect(shown).toBe(text);
    }),
  );
});

test('whole lines with their prefix; the last one when it ends', () => {
  const written: string[] = [];
  const lines = new PrefixedLines('web1 | ', (text) => written.push(text));
  lines.push('one\ntw');
  expect(written).toEqual(['web1 | one\n']);
  lines.push('o\n\nrest');
  lines.end();
  lines.end();
  expect(written.join('')).toBe('web1 | one\nweb1 | two\nweb1 | \nweb1 | rest\n');
});

test('of a bar that overwrites its line the last state is shown, and no carriage return', () => {
  const written: string[] = [];
  const lines = new PrefixedLines('', (text) => written.push(text));
  lines.push('10%\r50%\r100%\ndos\r\n');
  expect(written.join('')).toBe('100%\ndos\n');
});
