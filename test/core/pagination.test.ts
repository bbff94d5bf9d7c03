import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InvalidNextToken } from '../../core/errors.ts';
import { decodeToken, encodeToken } from '../../core/pagination.ts';
import { testContext, type TestContext } from '../support/context.ts';

let fixture: TestContext;
beforeAll(() => {
  fixture = testContext();
});
afterAll(() => fixture.close());

test('what goes in comes out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true }),
      async (position) => {
        const token = await encodeToken(fixture.context, position);
        expect(token).toMatch(/^[\w-]+$/);
        expect(await decodeToken(fixture.context, token)).toEqual(JSON.parse(JSON.stringify(position)));
      },
    ),
  );
});

test('a token that is changed, made up or for another purpose is refused', async () => {
  const token = await encodeToken(fixture.context, { after: 'a' }, 'ListThings');
  await expect(decodeToken(fixture.context, token)).rejects.toThrow(InvalidNextToken);
  await expect(decodeToken(fixture.context, token, 'ListOthers')).rejects.toThrow(InvalidNextToken);
  for (let at = 0; at < token.length; at++) {
    const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'Q' : 'A'}${token.slice(at + 1)}`;
    await expect(decodeToken(fixture.context, changed, 'ListThings'), changed).rejects.toThrow(InvalidNextToken);
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      await expect(decodeToken(fixture.context, text)).rejects.toThrow(InvalidNextToken);
    }),
  );
});
