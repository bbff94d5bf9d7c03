/** A command watched: what is told, and how long a wait takes. */
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  commandShape,
  putCommand,
  putInvocation,
  type CommandBody,
  type InvocationBody,
} from '../../../../functions/node-tools/run-command/store.ts';
import { signalChange } from '../../../../functions/node-tools/run-command/change-signal.ts';
import { watchCommand, type Watched } from '../../../../functions/node-tools/run-command/watch-command.ts';
import { testContext, type TestContext } from '../../../support/context.ts';

let fixture: TestContext;
beforeEach(() => {
  fixture = testContext();
});
afterEach(() => fixture.close());

const steps = [{ name: 's', action: 'aws:runShellScript' }];
const nodeId = (place: number): string => `mi-${String(place).padStart(17, '0')}`;

async function write(nodes: number, output: string): Promise<void> {
  const shared = { commandId: 'c1', documentName: 'D', requestedAt: fixture.clock.now(), newsShards: 16, steps };
  await fixture.state.transact([
    putCommand({
      ...shared,
      instanceIds: [],
      targets: [],
      parameters: {},
      expiresAt: fixture.clock.now() + 60_000,
      state: 'InProgress',
      phase: 'running',
      targetCount: nodes,
      tally: {},
    } as unknown as CommandBody),
  ]);
  const result = {
    name: 's',
    action: 'aws:runShellScript',
    place: 0,
    state: 'InProgress',
    responseCode: -1,
    output: '',
    standardOutput: output,
    standardError: '',
    s3Bucket: '',
    s3Prefix: '',
    s3StepName: '',
  };
  const invocations = Array.from(
    { length: nodes },
    (_, place) =>
      ({
        ...shared,
        nodeId: nodeId(place),
        nodeName: '',
        documentVersion: '1',
        comment: '',
        state: 'InProgress',
        started: true,
        acknowledged: true,
        serviceRole: '',
        result,
      }) as unknown as InvocationBody,
  );
  for (let from = 0; from < nodes; from += 100)
    await fixture.state.batch(invocations.slice(from, from + 100).map(putInvocation));
}

const watchOnce = (seen: Readonly<Record<string, string>>, seenCommand: string, wait = 0): Promise<Watched> =>
  watchCommand('c1', { seen, seenCommand, wait }, fixture.context);

test('a fleet is told in answers that are not too large, each node once', async () => {
  await write(300, 'x'.repeat(10_000));
  const seen: Record<string, string> = {};
  let mark = '';
  let answers = 0;
  let more = true;
  while (more) {
    const watched = await watchOnce(seen, mark);
    expect(JSON.stringify(watched).length).toBeLessThan(1_300_000);
    for (const { InstanceId, Mark } of watched.Invocations) {
      expect(seen[InstanceId]).toBeUndefined();
      seen[InstanceId] = Mark;
    }
    mark = watched.Command.Mark;
    more = watched.More;
    answers++;
  }
  expect(Object.keys(seen)).toHaveLength(300);
  expect(answers).toBe(3);
  expect(await watchOnce(seen, mark)).toMatchObject({ Invocations: [], More: false });
});

test('a wait without a change ends with its time; a signal ends it sooner, and only what has changed is told', async () => {
  await write(3, 'so far');
  const first = await watchOnce({}, '');
  const seen = Object.fromEntries(first.Invocations.map(({ InstanceId, Mark }) => [InstanceId, Mark]));
  const began = performance.now();
  expect((await watchOnce(seen, first.Command.Mark, 300)).Invocations).toEqual([]);
  expect(performance.now() - began).toBeGreaterThanOrEqual(295);

  const waiting = watchOnce(seen, first.Command.Mark, 3_600_000);
  await setImmediate();
  await fixture.state.write({ update: { pk: 'INVOCATION#c1#1', sk: nodeId(1) }, set: { state: 'Success' } });
  signalChange(fixture.state, 'c1');
  expect((await waiting).Invocations.map(({ InstanceId, Done }) => [InstanceId, Done])).toEqual([[nodeId(1), true]]);
});

test('what another process has changed is seen without a signal', async () => {
  await write(1, 'so far');
  const first = await watchOnce({}, '');
  const waiting = watchOnce({ [nodeId(0)]: first.Invocations[0]!.Mark }, first.Command.Mark, 3_600_000);
  await fixture.state.write({
    update: { pk: 'COMMAND#c1', sk: 'COMMAND' },
    set: { phase: 'done', state: 'Success' },
    shape: commandShape,
  });
  expect((await waiting).Command).toMatchObject({ Done: true, Status: 'Success' });
});
