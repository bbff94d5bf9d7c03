import { expect, test } from 'vitest';
import { csv } from '../../../../functions/node-tools/patch-manager/csv.ts';

test('rows end with CRLF, and what would break a field is quoted', () => {
  expect(
    csv([
      ['a', 1, ''],
      ['x,y', 'say "so"', 'two\nlines'],
    ]),
  ).toBe('a,1,\r\n"x,y","say ""so""","two\nlines"\r\n');
});

test('a value that a spreadsheet would run is defused', () => {
  expect(csv([['=1+1', '+1', '-1', '@x', 'a=b', -1]])).toBe("'=1+1,'+1,'-1,'@x,a=b,-1\r\n");
});
