/**
 * Every registered operation, with inputs that its model allows: whatever a room is asked, it answers what its
 * model can encode, or refuses in words. Values are now and then those of things that exist.
 */
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../../../core/caller.ts';
import { ManualClock } from '../../../core/clock.ts';
import type { Operation } from '../../../core/context.ts';
import { jsonLog } from '../../../core/log.ts';
import { loadService, type LoadedService } from '../../../functions/api/loaded-service.ts';
import { shapeOf, type Shape } from '../../../functions/api/model.ts';
import { callersError } from '../../../functions/api/protocols/wire-error.ts';
import { services } from '../../../functions/api/services.ts';
import { javaPattern } from '../../../functions/api/shapes/pattern.ts';
import { tables } from '../../../functions/api/tables.ts';
import type { DiskFiles } from '../../../local/disk-files.ts';
import { admin, testContext, type TestContext } from '../../support/context.ts';
import { openDiskFiles } from '../../support/files-door.ts';
import { fireDueTimers } from '../../support/fire-due-timers.ts';
import { temporaryFolder, testStart } from '../../support/state.ts';
import { makeNode, nodeIdOf } from '../nodes/nodes-fixture.ts';

let fixture: TestContext;
let files: DiskFiles;
/** What was logged of faults: work in the background that failed. */
const complaints: string[] = [];
const folder = temporaryFolder();
beforeAll(async () => {
  files = openDiskFiles(folder.folder, new ManualClock(testStart));
  fixture = testContext({
    files,
    log: jsonLog(
      (line) => void (/"level":"error"|in the background failed/.test(line) && complaints.push(line)),
      'warn',
    ),
  });
  await files.createBucket(fixture.context.serviceBucket);
  for (const number of [1, 2]) await makeNode(fixture.context, { nodeId: nodeIdOf(number), tags: { env: 'prod' } });
});
afterAll(async () => {
  await fixture.close();
  await files.close();
  folder.remove();
});

const loaded = await Promise.all(services.map(async ({ name }) => await loadService(name)));
const registered = loaded.flatMap((service) =>
  Object.keys(tables.operations[service.name] ?? {}).map((name) => [service, name] as const),
);

const content = JSON.stringify({
  schemaVersion: '2.2',
  description: 'x',
  parameters: { p: { type: 'String', default: 'q' } },
  mainSteps: [{ action: 'aws:runShellScript', name: 'x', inputs: { runCommand: ['echo {{p}}'] } }],
});
const query = JSON.stringify({
  ResourceTypeFilters: ['AWS::AllSupported'],
  TagFilters: [{ Key: 'env', Values: ['prod'] }],
});
/** Words that mean something. */
const known = [
  nodeIdOf(1),
  nodeIdOf(2),
  'AWS-RunShellScript',
  'AWS-RunPatchBaseline',
  'AWS-GatherSoftwareInventory',
  'Doc',
  'group',
  'env',
  'prod',
  'tag:env',
  'tag-key',
  'InstanceIds',
  'resource-groups:Name',
  'commands',
  'Operation',
  'Scan',
  '*',
  '1',
  '0',
  '100%',
  '$LATEST',
  '$DEFAULT',
  'JSON',
  'Command',
  'rate(30 minutes)',
  'AWS:Application',
  'AWS:InstanceInformation',
  'Custom:X',
  'Name',
  '__proto__',
  'constructor',
  '2026-01-02T03:04:05Z',
  content,
  query,
  'arn:aws:resource-groups:us-east-1:123456789012:group/group',
  '/ssm/parameter-store/high-throughput-enabled',
  'Linux',
  'ManagedInstance',
  'Document',
  'aws:x',
  '',
  ' ',
  '\u0000',
  '😀',
];
/** What answers brought last, by the names of their members: ids of what there is now. */
const brought = new Map<string, string[]>();
const remember = (value: unknown, member = ''): void => {
  if (typeof value === 'string') brought.set(member, [value, ...(brought.get(member) ?? [])].slice(0, 5));
  else if (Array.isArray(value)) for (const element of value) remember(element, member);
  else if (typeof value === 'object' && value !== null)
    for (const [name, given] of Object.entries(value)) remember(given, name);
};

/** What a member of such a name is mostly given. */
const meant: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(InstanceIds?|ResourceId|SourceId)$/, [nodeIdOf(1), nodeIdOf(2)]],
  [/^(Name|DocumentName)$/, ['Doc', 'group', 'AWS-RunShellScript', '/a/b']],
  [/^Path$/, ['/', '/a']],
  [/^Labels$/, ['label']],
  [/^(Group|GroupName)$/, ['group', 'Doc']],
  [
    /^Arn$/,
    [
      'arn:aws:resource-groups:us-east-1:123456789012:group/group',
      'arn:aws:resource-groups:us-east-1:123456789012:group/Doc',
    ],
  ],
  [/^Content$/, [content]],
  [/^Query$/, [query]],
  [/^SettingId$/, ['/ssm/managed-instance/activation-tier', '/ssm/parameter-store/high-throughput-enabled']],
  [/^ResourceType$/, ['ManagedInstance', 'Document', 'Association']],
  [/^(Version|DocumentVersion|AssociationVersion)$/, ['1', '$LATEST', '$DEFAULT']],
  [/^DocumentType$/, ['Command']],
  [/^Type$/, ['TAG_FILTERS_1_0', 'Equal']],
];

/** What a member of such a name is often given as a whole. */
const whole: Readonly<Record<string, readonly unknown[]>> = {
  Parameters: [{ commands: ['true'] }, {}],
  Targets: [
    [{ Key: 'tag:env', Values: ['prod'] }],
    [{ Key: 'InstanceIds', Values: ['*'] }],
    [{ Key: 'resource-groups:Name', Values: ['group'] }],
  ],
  ScheduleExpression: ['rate(30 minutes)'],
  OutputS3BucketName: ['a-bucket'],
  MaxConcurrency: ['1', '50%'],
  MaxErrors: ['0', '100%'],
  Items: [
    [
      {
        TypeName: 'Custom:Thing',
        SchemaVersion: '1.0',
        CaptureTime: '2026-01-02T03:04:05Z',
        ContentHash: 'x',
        Content: [{ Name: 'a' }],
      },
    ],
  ],
  SettingValue: ['advanced', 'standard'],
  Tags: [[{ Key: 'env', Value: 'prod' }]],
};

/** Members that rule out most others, or that this version refuses: given now and then. */
const seldom =
  /^(NextToken|AlarmConfiguration|TargetLocations|TargetMaps|Aggregators|SyncName|DocumentHash|Configuration|Attachments|Requires|.*FilterList|GroupName|NotificationConfig|ServiceRoleArn|ApplyOnlyAtCronInterval|AssociationDispatchAssumeRole|AutomationTargetParameterName|CalendarNames|Duration|ScheduleOffset)$/;

function textOf({ enum: words, pattern, min = 0, max = 100_000 }: Shape, member = ''): fc.Arbitrary<string> {
  const expression = pattern === undefined ? undefined : javaPattern(pattern);
  const allowed = (text: string): boolean =>
    text.length >= min && text.length <= max && expression?.test(text) !== false;
  const fittingName = (meant.find(([name]) => name.test(member))?.[1] ?? []).filter(
    (text) => words?.includes(text) ?? allowed(text),
  );
  const byName = fittingName.length === 0 ? [] : [{ weight: 20, arbitrary: fc.constantFrom(...fittingName) }];
  if (words !== undefined) return fc.oneof(...byName, { weight: 1, arbitrary: fc.constantFrom(...words) });
  const fittingWords = known.filter(allowed);
  const ofKnown = fc.constantFrom(...(fittingWords.length === 0 ? ['x'.repeat(Math.max(min, 1))] : fittingWords));
  // Looked up at the moment at which the value is made.
  const ofBrought = fc.tuple(fc.nat(), ofKnown).map(([number, otherwise]) => {
    const fitting = (brought.get(member.replace(/s$/, '')) ?? []).filter(allowed);
    return fitting[number % fitting.length] ?? otherwise;
  });
  return fc.oneof(
    ...byName,
    { weight: 20, arbitrary: ofBrought },
    { weight: 5, arbitrary: ofKnown },
    {
      weight: 1,
      arbitrary: fc.string({ unit: 'binary', minLength: Math.min(min, 300), maxLength: Math.min(max, 300) }),
    },
  );
}

function memberOf(service: LoadedService, shape: string, depth: number, name: string): fc.Arbitrary<unknown> {
  const any = valueOf(service, shape, depth, name);
  const fitting = (whole[name] ?? []).filter(
    (value) =>
      (Array.isArray(value) ? 'list' : typeof value === 'object' ? 'map' : 'string') ===
      shapeOf(service.model, shape).type,
  );
  return fitting.length === 0
    ? any
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...fitting) }, { weight: 1, arbitrary: any });
}

function valueOf(service: LoadedService, name: string, depth: number, member = ''): fc.Arbitrary<unknown> {
  const shape = shapeOf(service.model, name);
  const { min, max, members = {}, required = [] } = shape;
  const length = { minLength: Math.min(min ?? 0, 3), maxLength: Math.min(max ?? 3, 3) };
  switch (shape.type) {
    case 'structure': {
      const fields = Object.entries(members).map(([field, { shape: of }]) => {
        const value =
          required.includes(field) || depth > 0 ? memberOf(service, of, depth - 1, field) : fc.constant(undefined);
        return [
          field,
          required.includes(field)
            ? value
            : fc.oneof(
                { weight: seldom.test(field) ? 40 : 3, arbitrary: fc.constant(undefined) },
                { weight: 2, arbitrary: value },
              ),
        ] as const;
      });
      return fc
        .record(Object.fromEntries(fields), { noNullPrototype: true })
        .map((value) => Object.fromEntries(Object.entries(value).filter(([, given]) => given !== undefined)));
    }
    case 'list':
      return depth < 0
        ? fc.constant([])
        : fc.array(valueOf(service, shape.member?.shape ?? '', depth - 1, member), length);
    case 'map':
      return depth < 0
        ? fc.constant({})
        : fc.dictionary(
            textOf(shapeOf(service.model, shape.key?.shape ?? '')),
            valueOf(service, shape.value?.shape ?? '', depth - 1),
            { minKeys: length.minLength, maxKeys: length.maxLength, noNullPrototype: true },
          );
    case 'string':
      return textOf(shape, member);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'long':
      return fc.oneof(
        fc.integer({ min: Math.max(min ?? -5, -5), max: Math.max(Math.min(max ?? 60, 60), min ?? -5) }),
        fc.constantFrom(min ?? -(2 ** 31), max ?? 2 ** 31 - 1),
      );
    case 'float':
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'timestamp':
      return fc.oneof(
        fc.date({ min: new Date(testStart - 1e10), max: new Date(testStart + 1e10), noInvalidDate: true }),
        fc.constantFrom(new Date(0), new Date(-1), new Date(8.64e15)),
      );
    case 'blob':
      return fc.uint8Array({ maxLength: 9 }).map((bytes) => new Uint8Array(bytes));
  }
}

const nodeCaller: Caller = {
  kind: 'node',
  nodeId: nodeIdOf(1),
  accessKeyId: 'ASIATEST',
  arn: `arn:aws:sts::123456789012:assumed-role/NodeRole/${nodeIdOf(1)}`,
};
const requests = registered.map(([service, name]) => {
  const operation = service.operation(name)!;
  const input = operation.input === undefined ? fc.constant({}) : valueOf(service, operation.input, 3);
  return fc.record({ operation: fc.constant(operation), input, caller: fc.constantFrom(admin, nodeCaller) });
});

test('is answered or refused', async () => {
  const answered = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(...requests), fc.nat(99), async ({ operation, input, caller }, chance) => {
      if (chance === 0) {
        fixture.clock.advance(1000);
        await fireDueTimers(fixture.context);
      }
      const { service, name } = operation;
      const run = tables.operations[service.name]?.[name] as Operation<never, object>;
      try {
        if (operation.input !== undefined) service.check(operation.input)(input as object);
        const output = await run(input as never, fixture.as(caller));
        if (operation.output !== undefined) {
          service.encoder(operation.output)(output);
          service.redactor(operation.output)(output);
        }
        remember(output);
        answered.add(name);
        if (name === 'DeregisterManagedInstance')
          await makeNode(fixture.context, {
            nodeId: (input as { InstanceId: string }).InstanceId,
            tags: { env: 'prod' },
          });
      } catch (error) {
        if (callersError(error, { protocol: service.protocol, service, operation }) === undefined)
          throw new Error(`${service.name} ${name} ${inspect(input, { depth: 9 })}`, { cause: error });
      }
    }),
    // What there is depends on what came before: a shorter input would be another case.
    { numRuns: 4000, endOnFailure: true },
  );
  expect(complaints).toEqual([]);
  const never = registered.map(([, name]) => name).filter((name) => !answered.has(name));
  expect(never.length, `never answered: ${never.join(', ')}`).toBeLessThan(registered.length / 2);
});
