/**
 * kill -9 of Flotilla under a storm of puts and labels from several writers of the same names: what was acknowledged is
 * there, no version is skipped or given twice, and each is told of once and on record.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetParameterCommand,
  LabelParameterVersionCommand,
  paginateGetParameterHistory,
  paginateGetParametersByPath,
  PutParameterCommand,
  type ParameterHistory,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, eventually, recordedEvents, startServer, type ServerProcess } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const kills = 20;
const writers = 6;
const names = Array.from({ length: 300 }, (_, at) => `/storm/${at % 7}/p${at}`);
/** Below the 100 versions that are kept. */
const mostPuts = 80 * names.length;

const { folder, remove } = temporaryFolder();
const events = path.join(folder, 'events.jsonl');
let server: ServerProcess;
let client: SSMClient;
const types = ['Parameter Store Change', 'AWS API Call via CloudTrail'];
const start = (port: number) => startServer(path.join(folder, 'data'), port, events, types);
beforeAll(async () => {
  server = await start(0);
  client = clientOf(server.connection);
});
afterAll(async () => {
  client.destroy();
  await server.kill('SIGTERM');
  remove();
});

interface Acknowledged {
  readonly name: string;
  readonly version: number;
  readonly value: string;
}

test(`${kills} kills under a storm of puts`, async () => {
  const acknowledged: Acknowledged[] = [];
  const labels = new Map<string, { readonly name: string; readonly version: number }>();
  let storming = true;
  let next = 0;
  const writer = async (number: number): Promise<void> => {
    while (storming && next < mostPuts) {
      const value = `${number}-${next++}`;
      const name = names[Math.floor(Math.random() * names.length)]!;
      try {
        const { Version } = await client.send(
          new PutParameterCommand({ Name: name, Value: value, Type: typeOf(name), Overwrite: true }),
        );
        acknowledged.push({ name, version: Version!, value });
        if (next % 10 === 0) {
          await client.send(
            new LabelParameterVersionCommand({ Name: name, ParameterVersion: Version!, Labels: [`l${value}`] }),
          );
          labels.set(`l${value}`, { name, version: Version! });
        }
      } catch {
        // Not acknowledged: it may have been written or not.
        await sleep(10);
      }
      await sleep(5);
    }
  };
  const work = Array.from({ length: writers }, (_, number) => writer(number));
  const port = Number(new URL(server.connection.endpoint).port);
  for (let kill = 0; kill < kills; kill++) {
    await sleep(100 + Math.random() * 500);
    await server.kill('SIGKILL');
    server = await start(port);
  }
  storming = false;
  await Promise.all(work);
  expect(acknowledged.length).toBeGreaterThan(kills * 10);

  const told = Map.groupBy(acknowledged, ({ name }) => name);
  const listed: string[] = [];
  for await (const page of paginateGetParametersByPath({ client }, { Path: '/storm', Recursive: true }))
    listed.push(...page.Parameters!.map(({ Name }) => Name!));
  expect(listed).toEqual([...listed].sort());
  expect(listed).toEqual(expect.arrayContaining([...told.keys()]));

  let versions = 0;
  for (const name of listed) {
    const history: ParameterHistory[] = [];
    for await (const page of paginateGetParameterHistory({ client }, { Name: name, WithDecryption: true }))
      history.push(...page.Parameters!);
    expect(
      history.map(({ Version }) => Version),
      name,
    ).toEqual(Array.from({ length: history.length }, (_, at) => at + 1));
    expect(new Set(history.map(({ Value }) => Value)).size, name).toBe(history.length);
    for (const { version, value } of told.get(name) ?? [])
      expect(history[version - 1]?.Value, `${name}:${version}`).toBe(value);
    versions += history.length;
  }
  for (const [label, { name, version }] of labels)
    expect((await client.send(new GetParameterCommand({ Name: `${name}:${label}` }))).Parameter!.Version).toBe(version);

  const seen = (type: string, wanted: (detail: Record<string, string>) => boolean) =>
    new Set(
      recordedEvents(events).flatMap((event) =>
        event['detail-type'] === type && wanted(event.detail) ? [event.id] : [],
      ),
    );
  const changes = () =>
    seen('Parameter Store Change', ({ operation }) => operation === 'Create' || operation === 'Update');
  const records = () =>
    seen(
      'AWS API Call via CloudTrail',
      ({ eventName, errorCode }) => eventName === 'PutParameter' && errorCode === undefined,
    );
  await eventually(
    'every change is told of',
    () => (changes().size >= versions && records().size >= versions ? true : undefined),
    60_000,
  );
  // One transaction each: no change without its record, no record without its change.
  expect([changes().size, records().size]).toEqual([versions, versions]);
});

/** Every other name is a secret's. */
function typeOf(name: string): 'String' | 'SecureString' {
  return names.indexOf(name) % 2 === 0 ? 'String' : 'SecureString';
}
