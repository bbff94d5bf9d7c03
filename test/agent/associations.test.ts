/** Associations with real shells and a service of the test's own. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Associations, typed } from '../../agent/associations.ts';
import { ServiceError } from '../../core/http-client.ts';
import type { JobParts } from '../../agent/job.ts';
import { Orchestration } from '../../agent/orchestration.ts';
import { describePlatform } from '../../agent/platform.ts';
import { plugins } from '../../agent/plugins/index.ts';
import { silentLog } from '../../core/log.ts';
import { eventually } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
let associations: Associations;
/** What the service lists, and what it was told, as `id status`. */
let listed: Record<string, string>;
let told: string[];
let script: string;
let trouble: Error | undefined;

beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
  listed = {};
  told = [];
  trouble = undefined;
  script = `echo run >> ${path.join(folder, 'runs')}`;
  begin();
});
afterEach(async () => {
  await associations.stop();
  remove();
});

const service = {
  registration: { nodeId: 'mi-1', region: 'us-east-1' },
  call: async (
    _service: string,
    operation: string,
    input: { AssociationId: string; ExecutionResult: { Status: string } },
  ): Promise<object> => {
    if (operation === 'ListInstanceAssociations')
      return {
        Associations: Object.entries(listed).map(([AssociationId, DetailedStatus]) => ({
          AssociationId,
          DetailedStatus,
          Name: 'D',
          DocumentVersion: '1',
          ScheduleExpression: 'rate(1 day)',
        })),
      };
    if (operation === 'GetDocument')
      return {
        Content: JSON.stringify({
          schemaVersion: '2.2',
          mainSteps: [{ action: 'aws:runShellScript', name: 's', inputs: { runCommand: [script] } }],
        }),
      };
    const { Status } = input.ExecutionResult;
    if (trouble !== undefined && Status !== 'InProgress') throw trouble;
    told.push(`${input.AssociationId} ${Status}`);
    listed[input.AssociationId] = Status;
    return {};
  },
};

function begin(): void {
  const parts = {
    service,
    platform: describePlatform(),
    log: silentLog,
    plugins,
    agent: {},
    agentVersion: '1.2.3.4',
    orchestration: new Orchestration(path.join(folder, 'orchestration')),
    mayReboot: false,
  } as unknown as JobParts;
  associations = new Associations(path.join(folder, 'associations'), () => parts);
}
const untold = (): string[] => readdirSync(path.join(folder, 'associations'));
const runs = (): number =>
  existsSync(path.join(folder, 'runs')) ? readFileSync(path.join(folder, 'runs'), 'utf8').split('\n').length - 1 : 0;
const toldOf = (line: string): Promise<true> => eventually(line, () => (told.includes(line) ? true : undefined));

test('what is due runs, what is not does not, and each end is told once', async () => {
  listed = { due: 'Pending', other: 'Success' };
  associations.look();
  await toldOf('due Success');
  await eventually('nothing untold', () => (untold().length === 0 ? true : undefined));
  expect(told).toEqual(['due InProgress', 'due Success']);
  expect(runs()).toBe(1);
});

test('one that is asked for by its id runs, due or not; asked for while it is about to, it runs once', async () => {
  listed = { asked: 'Success' };
  associations.look(['asked']);
  await toldOf('asked Success');
  expect(runs()).toBe(1);
  const go = path.join(folder, 'go');
  script += `; while [ ! -e ${go} ]; do sleep 0.02; done`;
  listed = { asked: 'Pending' };
  associations.look();
  await eventually('the second run', () => (runs() === 2 ? true : undefined));
  associations.look(['asked']);
  writeFileSync(go, '');
  await eventually('its end', () => (told.filter((line) => line === 'asked Success').length === 2 ? true : undefined));
  listed.last = 'Pending';
  associations.look();
  await toldOf('last Success');
  expect(told.filter((line) => line === 'asked Success')).toHaveLength(2);
});

test('asking for all runs all', async () => {
  listed = { one: 'Success', other: 'Failed' };
  associations.look('all');
  await toldOf('one Success');
  await toldOf('other Success');
});

test('an end that could not be told is told by the next life, and nothing runs again', async () => {
  listed = { due: 'Pending' };
  trouble = new Error('no wire');
  associations.look();
  await eventually('the end on the disk', () =>
    untold().some((file) => readFileSync(path.join(folder, 'associations', file), 'utf8').includes('Success'))
      ? true
      : undefined,
  );
  await associations.stop();
  trouble = undefined;
  begin();
  associations.resume();
  associations.start();
  await toldOf('due Success');
  expect(runs()).toBe(1);
});

test('what a kill cut off has failed', async () => {
  mkdirSync(path.join(folder, 'associations'), { recursive: true });
  writeFileSync(
    path.join(folder, 'associations', 'run.json'),
    JSON.stringify({ associationId: 'cut', startedAt: 0, bootId: 'x' }),
  );
  associations.resume();
  associations.start();
  await toldOf('cut Failed');
  await eventually('nothing untold', () => (untold().length === 0 ? true : undefined));
});

test('an association that is gone is not told of for ever', async () => {
  listed = { due: 'Pending' };
  trouble = new ServiceError('AssociationDoesNotExist', 400, 'gone');
  associations.look();
  await eventually('its run', () => (runs() === 1 ? true : undefined));
  await eventually('nothing untold', () => (untold().length === 0 ? true : undefined));
});

test('parameters of the API become what the document says', () => {
  const content = {
    parameters: {
      list: { type: 'StringList' },
      text: { type: 'String' },
      map: { type: 'StringMap' },
      flag: { type: 'Boolean' },
    },
  };
  expect(typed(content, { list: ['a', 'b'], text: ['1'], map: ['{"k":"v"}'], flag: ['true'], unknown: ['x'] })).toEqual(
    { list: ['a', 'b'], text: '1', map: { k: 'v' }, flag: true, unknown: 'x' },
  );
});
