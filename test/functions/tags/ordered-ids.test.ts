import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnyOf, GivenIds, idsOfAll, justAfter, OrderedIds } from '../../../functions/tags/ordered-ids.ts';
import { nodeShards } from '../../../functions/nodes/store.ts';

const hex = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 17, maxLength: 17 })
  .map((digits) => `mi-${digits.join('')}`);
const ids = fc.uniqueArray(hex, { maxLength: 40 });

/** A store of ids in shards that gives pages of two. */
function sharded(all: readonly string[], reads: string[] = []): OrderedIds {
  return new OrderedIds(
    nodeShards,
    async (shard, from, limit) => {
      reads.push(shard);
      const rest = all.filter((id) => nodeShards.shardOf(id) === shard && id >= from).sort();
      return { ids: rest.slice(0, limit), more: rest.length > limit };
    },
    2,
  );
}

describe('ordered ids', () => {
  test('a join has what all sources have, in order, each once', async () => {
    await fc.assert(
      fc.asyncProperty(ids, ids, ids, async (one, other, given) => {
        const common = [...one, ...other].slice(0, 20);
        const left = [...new Set([...one, ...common])];
        const right = [...new Set([...other, ...common])];
        const found = await idsOfAll([sharded(left), new AnyOf([sharded(right), new GivenIds(given)])], '', 1000);
        expect(found).toEqual(left.filter((id) => right.includes(id) || given.includes(id)).sort());
      }),
    );
  });

  test('pages put together are the whole', async () => {
    await fc.assert(
      fc.asyncProperty(ids, fc.integer({ min: 1, max: 7 }), async (all, limit) => {
        const found: string[] = [];
        for (let from = ''; ;) {
          const page = await idsOfAll([sharded(all)], from, limit);
          found.push(...page);
          const last = page.at(-1);
          if (page.length < limit || last === undefined) break;
          from = justAfter(last);
        }
        expect(found).toEqual([...all].sort());
      }),
    );
  });

  test('a page that begins late does not read the shards before it', async () => {
    const reads: string[] = [];
    const all = Array.from('0123456789abcdef', (digit) => `mi-${digit}${'0'.repeat(16)}`);
    await idsOfAll([sharded(all, reads)], 'mi-c', 2);
    expect(reads).toEqual(['c', 'd']);
  });
});
