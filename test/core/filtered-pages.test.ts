/** Lists that are filtered as they are read: nothing is lost or shown twice, and no page reads without end. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InvalidNextToken } from '../../core/errors.ts';
import {
  collectPage,
  defaultReadLimit,
  filteredPage,
  withTextPositions,
  type Candidate,
  type TextPosition,
} from '../../core/filtered-pages.ts';
import { testContext, type TestContext } from '../support/context.ts';

let flotilla: TestContext;
beforeAll(() => {
  flotilla = testContext();
});
afterAll(() => flotilla.close());

const name = (number: number): string => String(number).padStart(6, '0');

/** A list of numbers in order, which counts what is read of it. */
class Numbers {
  reads = 0;
  readonly #numbers: Set<number>;
  readonly #cost: number;

  constructor(numbers: readonly number[], cost = 1) {
    this.#numbers = new Set(numbers);
    this.#cost = cost;
  }

  add(number: number): void {
    this.#numbers.add(number);
  }

  remove(number: number): void {
    this.#numbers.delete(number);
  }

  async *behind(position?: TextPosition): AsyncGenerator<Candidate<number, TextPosition>> {
    const numbers = [...this.#numbers].sort((one, other) => one - other);
    for (const number of numbers) {
      if (position !== undefined && name(number) <= position.after) continue;
      this.reads++;
      yield { item: number, position: { after: name(number) }, cost: this.#cost };
    }
  }
}

const page = (
  numbers: Numbers,
  fits: (number: number) => boolean,
  { token, limit, readLimit }: { token?: string | undefined; limit: number; readLimit?: number },
) =>
  filteredPage(
    flotilla.context,
    { token, limit, purpose: 'ListNumbers', ...(readLimit === undefined ? {} : { readLimit }) },
    (position?: TextPosition) => numbers.behind(position),
    (number) => (fits(number) ? number : undefined),
  );

async function allPages(
  numbers: Numbers,
  fits: (number: number) => boolean,
  size: { limit: number; readLimit?: number },
  between: (place: number) => void = () => undefined,
): Promise<number[][]> {
  const pages: number[][] = [];
  let token: string | undefined;
  do {
    const { items, nextToken } = await page(numbers, fits, { ...size, token });
    pages.push(items);
    token = nextToken;
    between(pages.length);
  } while (token !== undefined);
  return pages;
}

test('whatever the list, the filter and the limits: each item that fits is shown once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat({ max: 300 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 20 }),
      async (list, every, limit, readLimit) => {
        const fits = (number: number): boolean => number % every === 0;
        const numbers = new Numbers(list);
        const pages = await allPages(numbers, fits, { limit, readLimit });
        expect(pages.flat()).toEqual(list.filter(fits).sort((one, other) => one - other));
        for (const items of pages) expect(items.length).toBeLessThanOrEqual(limit);
        // A page reads what it may, and one more that shows that the list goes on.
        expect(numbers.reads).toBeLessThanOrEqual(pages.length * (readLimit + 1));
      },
    ),
  );
});

test('items that come and go between two pages move no others', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat({ max: 100 }), { minLength: 4, maxLength: 40 }),
      fc.array(fc.tuple(fc.nat({ max: 100 }), fc.boolean()), { maxLength: 20 }),
      fc.integer({ min: 1, max: 5 }),
      async (list, changes, limit) => {
        const numbers = new Numbers(list);
        const changed = new Set(changes.map(([number]) => number));
        const pages = await allPages(
          numbers,
          () => true,
          { limit, readLimit: 7 },
          (place) => {
            const change = changes[place - 1];
            if (change?.[1] === true) numbers.add(change[0]);
            else if (change !== undefined) numbers.remove(change[0]);
          },
        );
        const shown = pages.flat();
        expect(new Set(shown).size).toBe(shown.length);
        const lasting = list.filter((number) => !changed.has(number));
        expect(shown.filter((number) => !changed.has(number))).toEqual(lasting.sort((one, other) => one - other));
      },
    ),
  );
});

describe('reading', () => {
  const many = Array.from({ length: 3000 }, (_, at) => at);

  test('a filter that lets nothing through answers empty pages with a token, and comes to an end', async () => {
    const numbers = new Numbers(many);
    const first = await page(numbers, () => false, { limit: 50 });
    expect([first.items, typeof first.nextToken, numbers.reads]).toEqual([[], 'string', defaultReadLimit + 1]);
    expect(await allPages(numbers, () => false, { limit: 50 })).toEqual([[], [], []]);
  });

  test('no more is read than the page and one that fits', async () => {
    const numbers = new Numbers(many);
    expect((await page(numbers, () => true, { limit: 50 })).items).toHaveLength(50);
    expect(numbers.reads).toBe(51);
  });

  test('the last page has no token, though it is full', async () => {
    expect(await page(new Numbers([1, 2, 3]), () => true, { limit: 3 })).toEqual({ items: [1, 2, 3] });
    expect(await page(new Numbers([1, 2, 3, 4]), (number) => number < 4, { limit: 3 })).toEqual({ items: [1, 2, 3] });
  });

  test('what is cheap counts for less, and what costs nothing is read to its end', async () => {
    const cheap = new Numbers(many, 0.5);
    await page(cheap, () => false, { limit: 1, readLimit: 100 });
    expect(cheap.reads).toBe(201);
    expect(await page(new Numbers(many, 0), (number) => number === 2999, { limit: 1, readLimit: 1 })).toEqual({
      items: [2999],
    });
  });

  test('the list is closed when the page is full', async () => {
    let closed = false;
    async function* list(): AsyncGenerator<Candidate<number, TextPosition>> {
      try {
        yield* withTextPositions(many, name);
      } finally {
        closed = true;
      }
    }
    expect(await collectPage(list(), { limit: 2 }, (number) => number)).toEqual({
      items: [0, 1],
      next: { after: name(1) },
    });
    expect(closed).toBe(true);
  });
});

test('a token is good for its own purpose alone', async () => {
  const { nextToken } = await page(new Numbers([1, 2, 3]), () => true, { limit: 1 });
  const other = filteredPage(
    flotilla.context,
    { token: nextToken, limit: 1, purpose: 'ListLetters' },
    (position?: TextPosition) => new Numbers([]).behind(position),
    (number) => number,
  );
  await expect(other).rejects.toThrow(InvalidNextToken);
});
