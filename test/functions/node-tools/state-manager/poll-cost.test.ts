/** What a node's poll reads: its own rows, however many associations there are for others. */
import { expect, test } from 'vitest';
import { callAs } from '../../../../core/calls.ts';
import { manyAtOnce } from '../../../../core/many-at-once.ts';
import { room as stateManagerRoom } from '../../../../functions/node-tools/state-manager/room.ts';
import { recordPing } from '../../../../functions/nodes/index.ts';
import { admin } from '../../../support/context.ts';
import { countingState, type Counted } from '../../../support/counting-state.ts';
import { asNode, call, create, flotilla, listed, nodeName, register, settle } from './state-manager-fixture.ts';

const foreign = 2000;

test('a poll costs the same beside 1 and beside 2,000 associations of others', async () => {
  const node = await register(1, { env: 'prod' });
  await register(2, { env: 'test' });
  const id = await create({ Targets: [{ Key: 'tag:env', Values: ['prod'] }] });
  await createForeign(0);
  expect(await listed(node)).toHaveLength(1);
  const before = await countPoll(node);
  await manyAtOnce(
    Array.from({ length: foreign - 1 }, (_, place) => place + 1),
    20,
    createForeign,
  );
  await flotilla.context.background.settled();
  const after = await countPoll(node);
  expect(after).toEqual(before);
  expect(before.calls).toBeLessThanOrEqual(3);
  // Its own partition, its own association, and its own row among a shard of the fleet's.
  expect([...before.byPartition]).toEqual([
    [`NODE-ASSOCIATIONS#${node}`, 2],
    [`ASSOCIATION#${id}`, 1],
    ['FLEET#0', 1],
  ]);
  expect(before.writes).toBe(0);
});

test('what a node reports of itself reads no association', async () => {
  const node = await register(1);
  await create();
  const { state, counted } = countingState(flotilla.state);
  await recordPing({ ...flotilla.context, state }, node, { agentVersion: '1.0.0.0' });
  expect([...counted.byPartition.keys()].filter((pk) => pk.includes('ASSOCIATION'))).toEqual([]);
});

test('the text of a document is not read for a node that asks again; what changed of it shows at once', async () => {
  const node = await register(1);
  const content = (message: string) =>
    JSON.stringify({
      schemaVersion: '2.2',
      mainSteps: [
        { action: 'aws:runShellScript', name: 'one', inputs: { runCommand: [`echo ${message}`, '#'.repeat(30_000)] } },
      ],
    });
  const { context } = flotilla;
  await callAs(context, admin, 'ssm', 'CreateDocument', {
    Name: 'Mine',
    Content: content('1'),
    DocumentType: 'Command',
  });
  const id = await create({ Name: 'Mine', Parameters: undefined });
  await create({ Name: 'Mine', Parameters: undefined });
  const before = (await listed(node)).find(({ AssociationId }) => AssociationId === id)!;
  const { byPartition } = await countPoll(node);
  expect([...byPartition].filter(([pk]) => pk.startsWith('DOCUMENT'))).toEqual([['DOCUMENT#Mine', 1]]);
  const { DocumentDescription: made } = await callAs(context, admin, 'ssm', 'UpdateDocument', {
    Name: 'Mine',
    Content: content('2'),
    DocumentVersion: '$LATEST',
  });
  await callAs(context, admin, 'ssm', 'UpdateDocumentDefaultVersion', {
    Name: 'Mine',
    DocumentVersion: made!.DocumentVersion!,
  });
  const after = (await listed(node)).find(({ AssociationId }) => AssociationId === id)!;
  expect([before.DocumentVersion, after.DocumentVersion]).toEqual(['1', '2']);
  expect(after.Checksum).not.toBe(before.Checksum);
  await callAs(context, admin, 'ssm', 'DeleteDocument', { Name: 'Mine' });
  expect(await listed(node)).toEqual([]);
});

/** By id, by a tag, by a tag key: of another node each. */
async function createForeign(place: number): Promise<void> {
  const targets = [
    { Key: 'InstanceIds', Values: [nodeName(2)] },
    { Key: 'tag:env', Values: ['test'] },
    { Key: 'tag-key', Values: ['colour'] },
  ];
  const { AssociationDescription: made } = await call('CreateAssociation', {
    Name: 'AWS-RunShellScript',
    Parameters: { commands: ['true'] },
    Targets: [targets[place % targets.length]],
  });
  if (place === 0) await settle(made!.AssociationId!);
}

async function countPoll(nodeId: string): Promise<Counted> {
  const { state, counted } = countingState(flotilla.state);
  await stateManagerRoom.agentOperations.ListInstanceAssociations(
    { InstanceId: nodeId },
    { ...flotilla.as(asNode(nodeId)), state },
  );
  return counted;
}
