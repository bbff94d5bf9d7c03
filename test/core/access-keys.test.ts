import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findAccessKey, issueKey, listPersonKeys, revokeKey, revokeNodeKeys } from '../../core/access-keys.ts';
import { sha256 } from '../../core/sigv4/canonical-request.ts';
import { queryAll } from '../../core/state.ts';
import { testContext, type TestContext } from '../support/context.ts';

let fixture: TestContext;
beforeEach(() => {
  fixture = testContext();
});
afterEach(() => fixture.close());

const nodeId = 'mi-0123456789abcdef0';

describe('access keys', () => {
  test('a person’s is known once its writes are written, with its role', async () => {
    const { context } = fixture;
    const key = await issueKey(context, { owner: { kind: 'person', name: 'ada', role: 'operator' } });
    expect(key.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(key.secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
    expect(await findAccessKey(context, key.accessKeyId)).toBeUndefined();
    await context.state.transact(key.writes);
    expect(await findAccessKey(context, key.accessKeyId)).toMatchObject({
      secretAccessKey: key.secretAccessKey,
      sessionTokenDigest: undefined,
      caller: {
        kind: 'person',
        name: 'ada',
        role: 'operator',
        arn: 'arn:aws:iam::123456789012:user/ada',
        accessKeyId: key.accessKeyId,
      },
    });
  });

  test('neither secret nor token is stored in the clear', async () => {
    const { context } = fixture;
    const key = await issueKey(context, { owner: { kind: 'node', nodeId }, expiresAt: Date.now() + 3_600_000 });
    const stored = JSON.stringify(key.writes);
    expect(stored).not.toContain(key.secretAccessKey);
    expect(stored).not.toContain(key.sessionToken);
    expect(stored).toContain(sha256(key.sessionToken));
  });

  test('a deleted key is unknown at once, though its secret was cached', async () => {
    const { context } = fixture;
    const key = await issueKey(context, { owner: { kind: 'person', name: 'ada', role: 'admin' } });
    await context.state.transact(key.writes);
    await findAccessKey(context, key.accessKeyId);
    expect(await revokeKey(context, key.accessKeyId)).toBe(true);
    expect(await findAccessKey(context, key.accessKeyId)).toBeUndefined();
    expect(await revokeKey(context, key.accessKeyId)).toBe(false);
    expect(await listPersonKeys(context)).toEqual([]);
  });

  test('people’s are listed, nodes’ are not', async () => {
    const { context } = fixture;
    for (const name of ['ada', 'bob'])
      await context.state.transact(
        (await issueKey(context, { owner: { kind: 'person', name, role: 'viewer' } })).writes,
      );
    await context.state.transact(
      (await issueKey(context, { owner: { kind: 'node', nodeId }, expiresAt: Date.now() + 1000 })).writes,
    );
    const listed = await listPersonKeys(context);
    expect(listed.map((key) => key.name).sort()).toEqual(['ada', 'bob']);
    expect(listed[0]).toEqual({
      accessKeyId: listed[0]?.accessKeyId,
      name: listed[0]?.name,
      role: 'viewer',
      createdAt: context.clock.now(),
    });
  });

  test('all keys of one node end together, and nobody else’s', async () => {
    const { context } = fixture;
    const keys = [];
    for (let count = 0; count < 60; count++)
      keys.push(await issueKey(context, { owner: { kind: 'node', nodeId }, expiresAt: Date.now() + 3_600_000 }));
    const other = await issueKey(context, {
      owner: { kind: 'node', nodeId: 'mi-0123456789abcdef1' },
      expiresAt: Date.now() + 3_600_000,
    });
    for (const key of [...keys, other]) await context.state.transact(key.writes);
    await revokeNodeKeys(context, nodeId);
    for (const key of keys) expect(await findAccessKey(context, key.accessKeyId)).toBeUndefined();
    expect(await queryAll(context.state, { pk: `ACCESS-KEYS#NODE#${nodeId}` })).toEqual([]);
    expect(await findAccessKey(context, other.accessKeyId)).toMatchObject({
      caller: { kind: 'node', nodeId: 'mi-0123456789abcdef1' },
    });
  });

  test('a temporary key is remembered for a day after its end, on a clock that was moved on too', async () => {
    const { context, clock } = fixture;
    clock.advance(400 * 24 * 3_600_000);
    const key = await issueKey(context, { owner: { kind: 'node', nodeId }, expiresAt: Date.now() + 3_600_000 });
    await context.state.transact(key.writes);
    clock.advance(24 * 3_600_000);
    expect(await findAccessKey(context, key.accessKeyId)).toBeDefined();
    clock.advance(2 * 3_600_000);
    expect(await findAccessKey(context, key.accessKeyId)).toBeUndefined();
  });

  test.each(['', 'AKIA', 'akiaaaaaaaaaaaaaaaaa', 'AKIA#KEY', 'A'.repeat(3000)])('%.10s is no key’s id', async (id) => {
    expect(await findAccessKey(fixture.context, id)).toBeUndefined();
  });
});
