import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Query } from '../../../core/state.ts';
import type { indexedAttributes } from '../../../functions/nodes/index.ts';
import {
  associationChange,
  countKinds,
  findNodes,
  openConnection,
  recordPing,
  removeNode,
  renewGateway,
  setNodeRole,
  type NodeCriterion,
  type NodeInformation,
} from '../../../functions/nodes/index.ts';
import { attributePartition, nodeShards } from '../../../functions/nodes/store.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { makeNode, nodeIdOf } from './nodes-fixture.ts';

let fixture: TestContext;
beforeEach(() => (fixture = testContext()));
afterEach(() => fixture.close());

const ids = async (criteria: readonly NodeCriterion[], limit = 100): Promise<string[]> =>
  (await findNodes(fixture.context, criteria, { limit })).nodes.map(({ id }) => id);
const by = (attribute: (typeof indexedAttributes)[number], ...values: string[]): NodeCriterion => ({
  by: 'attribute',
  attribute,
  values,
});

/** All pages of a list, and what of it. */
async function walk(criteria: readonly NodeCriterion[], limit: number): Promise<string[]> {
  const seen: string[] = [];
  for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
    const page = await findNodes(fixture.context, criteria, { after, limit });
    expect(page.nodes.length).toBeLessThanOrEqual(limit);
    if (after !== undefined && page.next !== undefined) expect(page.next > after).toBe(true);
    seen.push(...page.nodes.map(({ id }) => id));
    after = page.next;
  }
  return seen;
}

describe('findNodes', () => {
  test('shows what is known of a node', async () => {
    const { context, clock } = fixture;
    const node = await makeNode(context, { tags: { env: 'prod' } });
    await recordPing(context, node, { platformType: 'Linux', agentVersion: '3.3.0.0' });
    await renewGateway(context, 'gateway');
    await openConnection(context, node, { gatewayId: 'gateway', connectionId: 'one' });
    await context.state.transact(associationChange(node, { to: 'Pending' }));
    await context.state.transact(associationChange(node, { from: 'Pending', to: 'Success', ranAt: 7 }));
    const shown = {
      id: node,
      platformType: 'Linux',
      agentVersion: '3.3.0.0',
      lastPingAt: clock.now(),
      connected: true,
      pingStatus: 'Online',
      associations: { Pending: 0, Success: 1, lastExecutionAt: 7, lastSuccessAt: 7 },
    };
    expect((await findNodes(context, [], { limit: 5 })).nodes).toEqual([expect.objectContaining(shown)]);
    expect((await findNodes(context, [{ by: 'tag', key: 'env', values: ['prod'] }], { limit: 5 })).nodes).toEqual([
      expect.objectContaining(shown),
    ]);
  });

  test('a page of all nodes is a range read, and one more where it crosses shards; none reads a node', async () => {
    const { context } = fixture;
    for (let number = 0; number < 40; number++)
      await makeNode(context, { nodeId: `mi-${number < 30 ? '3' : '4'}${number.toString(16).padStart(16, '0')}` });
    const queries: Query[] = [];
    let rows = 0;
    const state = {
      ...context.state,
      query: (query: Query) => (queries.push(query), context.state.query(query)),
      getMany: async () => ((rows += 1), []),
    } as unknown as typeof context.state;
    const page = await findNodes({ ...context, state }, [], { after: 'mi-2', limit: 20 });
    expect([page.nodes.length, page.next, queries.filter(({ pk }) => pk === 'FLEET#3').length, rows]).toEqual([
      20,
      page.nodes.at(-1)!.id,
      1,
      0,
    ]);
    queries.length = 0;
    const next = await findNodes({ ...context, state }, [], { after: page.next, limit: 15 });
    expect([next.nodes.length, queries.map(({ pk }) => pk)]).toEqual([15, ['FLEET#3', 'FLEET#4']]);
  });

  test('by each attribute, by any of its values, as they are now', async () => {
    const { context } = fixture;
    const [web, db] = [
      await makeNode(context, { nodeId: nodeIdOf(1) }),
      await makeNode(context, { nodeId: nodeIdOf(2) }),
    ];
    await recordPing(context, web, {
      platformType: 'Linux',
      agentVersion: '1.0.0',
      computerName: 'web',
      ipAddress: '192.0.2.1',
    });
    await recordPing(context, db, {
      platformType: 'Windows',
      agentVersion: '1.0.0',
      computerName: 'db',
      ipAddress: '192.0.2.2',
    });
    expect(await ids([by('computerName', 'web')])).toEqual([web]);
    expect(await ids([by('ipAddress', '192.0.2.2')])).toEqual([db]);
    expect(await ids([by('agentVersion', '1.0.0', '2.0.0'), by('platformType', 'Windows')])).toEqual([db]);
    expect(await ids([by('activationId', '11111111-2222-4333-8444-555555555555')])).toEqual([web, db]);
    await setNodeRole(context, db, 'OtherRole');
    await recordPing(context, web, { agentVersion: '2.0.0' });
    expect([
      await ids([by('iamRole', 'NodeRole')]),
      await ids([by('iamRole', 'OtherRole')]),
      await ids([by('agentVersion', '1.0.0')]),
      await ids([by('agentVersion', '2.0.0', '2.0.0')]),
    ]).toEqual([[web], [db], [db], [web]]);
    await removeNode(context, db, () => []);
    expect([await ids([by('agentVersion', '1.0.0', '2.0.0')]), await ids([])]).toEqual([[web], [web]]);
  });

  test('what is left of a node that is gone is no node, and holds up no page', async () => {
    const { context } = fixture;
    const all = [];
    for (let number = 0; number < 6; number++)
      all.push(await makeNode(context, { nodeId: `mi-5${number.toString(16).padStart(16, '0')}` }));
    for (const gone of all.slice(1, 4)) {
      await removeNode(context, gone, () => []);
      await context.state.transact(associationChange(gone, { to: 'Failed' }));
    }
    for (const limit of [1, 2, 3, 10]) expect(await walk([], limit)).toEqual([all[0], all[4], all[5]]);
  });

  test('pages of any size are the whole, in order', async () => {
    const { context } = fixture;
    const all: string[] = [];
    for (let number = 0; number < 60; number++) {
      const node = await makeNode(context, {
        nodeId: nodeIdOf(number * 7),
        tags: number % 3 === 0 ? { third: 'yes' } : {},
      });
      if (number % 2 === 0) await recordPing(context, node, { platformType: 'Linux' });
      all.push(node);
    }
    const [linux, third] = [
      all.filter((_, place) => place % 2 === 0).sort(),
      all.filter((_, place) => place % 3 === 0).sort(),
    ];
    all.sort();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), async (limit) => {
        expect(await walk([], limit)).toEqual(all);
        expect(await walk([by('platformType', 'Linux')], limit)).toEqual(linux);
        expect(await walk([by('platformType', 'Linux'), { by: 'tag-key', keys: ['third'] }], limit)).toEqual(
          linux.filter((id) => third.includes(id)),
        );
      }),
      { numRuns: 20 },
    );
  });
});

test('whatever nodes report, each is found by what it is and by nothing else, and counted once', async () => {
  const { context, state } = fixture;
  const nodes = [nodeIdOf(1), nodeIdOf(17), nodeIdOf(2)];
  const report = fc.record(
    {
      agentVersion: fc.constantFrom('1.0', '2.0'),
      platformType: fc.constantFrom('Linux', 'Windows'),
      platformName: fc.constantFrom('a', 'b', 'x'.repeat(256)),
      computerName: fc.constantFrom('c', 'd'),
    },
    { requiredKeys: [] },
  );
  const step = fc.record({
    node: fc.constantFrom(...nodes),
    what: fc.oneof({ arbitrary: report, weight: 4 }, fc.constantFrom('make', 'remove', 'role')),
  });
  const known = new Map<string, NodeInformation & { iamRole: string }>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      for (const { node, what } of steps) {
        const before = known.get(node);
        if (what === 'make' && before === undefined)
          known.set(node, (await makeNode(context, { nodeId: node }), { iamRole: 'NodeRole' }));
        if (before === undefined || what === 'make') continue;
        if (what === 'remove') await removeNode(context, node, () => []).then(() => known.delete(node));
        else if (what === 'role')
          await setNodeRole(context, node, 'Other').then(() => known.set(node, { ...before, iamRole: 'Other' }));
        else await recordPing(context, node, what).then(() => known.set(node, { ...before, ...what }));
      }
      for (const attribute of ['agentVersion', 'platformType', 'computerName', 'iamRole'] as const)
        for (const value of ['1.0', '2.0', 'Linux', 'Windows', 'c', 'd', 'NodeRole', 'Other']) {
          const found: string[] = [];
          for (const shard of nodeShards.shards)
            found.push(
              ...(await state.query({ pk: attributePartition(attribute, shard, value) })).rows.map(({ sk }) => sk),
            );
          expect(found.sort()).toEqual(
            [...known]
              .filter(([, node]) => node[attribute] === value)
              .map(([id]) => id)
              .sort(),
          );
        }
      const kinds = await countKinds(context);
      const counted = (platformName: string | undefined): number =>
        kinds.reduce((sum, kind) => sum + (kind.platformName === platformName ? kind.count : 0), 0);
      for (const name of [undefined, 'a', 'b', 'x'.repeat(256)])
        expect(counted(name)).toBe([...known.values()].filter((node) => node.platformName === name).length);
    }),
    { numRuns: 40 },
  );
});
