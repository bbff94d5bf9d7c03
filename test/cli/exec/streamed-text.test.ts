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

test('however bytes come, what is shown and the rest of them are those bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300)), (bytes, cuts) => {
      const whole = Buffer.from(bytes);
      const stream = new StreamedText();
      // As an agent reports it: cut anywhere, and what is no text replaced.
      const reports = [...cuts.map((at) => whole.subarray(0, at)), whole].map((part) => part.toString('utf8'));
      const shown = reports.map((report) => stream.next(report)).join('');
      expect(Buffer.concat([Buffer.from(shown), whole.subarray(stream.shownBytes)])).toEqual(whole);
    }),
  );
});

test('a character that a report cuts is shown when it is whole; what stands for other bytes, when nothing better comes', () => {
  const stream = new StreamedText();
  expect(stream.next('caf\uFFFD')).toBe('caf');
  expect(stream.next('café \uD83D')).toBe('é ');
  expect(stream.next('café 😀 \uFFFD!')).toBe('😀 ');
  expect(stream.shownBytes).toBe(Buffer.byteLength('café 😀 '));
  expect(stream.next('café 😀 \uFFFD!', true)).toBe('\uFFFD!');
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
