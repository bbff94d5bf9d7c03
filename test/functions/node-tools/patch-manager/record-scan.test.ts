/** From the end of an invocation to states, rows, reports and inventory. The test plays the node. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../core/clock.ts';
import { envelope, localSource } from '../../../../core/event-envelope.ts';
import type { EventBridgeEvent } from '../../../../core/events.ts';
import { room as inventoryRoom } from '../../../../functions/node-tools/inventory/room.ts';
import { handler as forgetNode } from '../../../../functions/node-tools/patch-manager/forget-node.ts';
import { nodePatchState } from '../../../../functions/node-tools/patch-manager/index.ts';
import { room as patchManagerRoom } from '../../../../functions/node-tools/patch-manager/room.ts';
import { handler } from '../../../../functions/node-tools/patch-manager/record-scan.ts';
import { recordDelivery, recordReply } from '../../../../functions/node-tools/run-command/index.ts';
import { renderCommand } from '../../../../functions/node-tools/run-command/messages.ts';
import { commandMessageId } from '../../../../functions/node-tools/run-command/messages.ts';
import { room as runCommandRoom } from '../../../../functions/node-tools/run-command/room.ts';
import { recordPing, removeNode } from '../../../../functions/nodes/index.ts';
import type { DiskFiles } from '../../../../local/disk-files.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { fileText, openDiskFiles } from '../../../support/files-door.ts';
import { temporaryFolder, testStart } from '../../../support/state.ts';
import { makeNode } from '../../nodes/nodes-fixture.ts';
import { printScan, type PrintedPackage } from './printed-scan.ts';

const inventory = inventoryRoom.operations.ssm;
const operations = patchManagerRoom.operations.ssm;
const runCommand = runCommandRoom.operations.ssm;

let flotilla: TestContext;
let files: DiskFiles;
let filesFolder: ReturnType<typeof temporaryFolder>;
let node: string;
beforeEach(async () => {
  filesFolder = temporaryFolder();
  files = openDiskFiles(filesFolder.folder, new ManualClock(testStart));
  flotilla = testContext({ files });
  await files.createBucket(flotilla.context.serviceBucket);
  node = await makeNode(flotilla.context, { tags: { 'Patch Group': 'web', Name: '=web-1' } });
  await recordPing(flotilla.context, node, {
    agentName: 'amazon-ssm-agent',
    agentVersion: '3.3.1',
    platformType: 'Linux',
    platformName: 'Debian GNU/Linux',
    platformVersion: '12',
    ipAddress: '10.0.0.1',
    computerName: 'host',
  });
});
afterEach(async () => {
  await flotilla.close();
  await files.close();
  filesFolder.remove();
});

const storedKeys = async (): Promise<string[]> =>
  (await files.list(flotilla.context.serviceBucket)).files.map(({ key }) => key);

const baselineId = 'arn:aws:ssm:us-east-1:000000000000:patchbaseline/pb-0f2b84c6e7d1a9036';
const packages: readonly PrintedPackage[] = [
  { name: 'openssl', version: '3.0.1', security: '3.0.2' },
  { name: 'nginx', version: '1.2', security: '1.2' },
  { name: 'zsh', version: '5.9' },
];

type Invocation = EventBridgeEvent<{
  'command-id': string;
  'document-name': string;
  'instance-id': string;
  'requested-date-time': string;
  status: string;
}>;

/** Runs AWS-RunPatchBaseline up to the node's last reply. @returns the events that tell of its invocation's end */
async function run(
  output: string | undefined,
  { status = 'Success', code = 0 }: { readonly status?: string; readonly code?: number } = {},
): Promise<Invocation[]> {
  const { context } = flotilla;
  const sent = await runCommand.SendCommand(
    { DocumentName: 'AWS-RunPatchBaseline', InstanceIds: [node], Parameters: { Operation: ['Scan'] } },
    flotilla.as(),
  );
  const commandId = sent.Command?.CommandId ?? '';
  const messageId = commandMessageId(commandId, node);
  await recordDelivery({ nodeId: node, messageId }, context);
  if (output !== undefined)
    await files.put(
      context.serviceBucket,
      `collected/${commandId}/${node}/awsrunShellScript/PatchLinux/stdout`,
      Buffer.from(output),
    );
  const step = {
    name: 'aws:runShellScript',
    code,
    status,
    output: '',
    standardOutput: '',
    standardError: '',
    startDateTime: '2026-01-05T09:00:00Z',
    endDateTime: '2026-01-05T09:00:02Z',
  };
  await recordReply(
    {
      nodeId: node,
      messageId,
      payload: { documentStatus: status, documentTraceOutput: '', runtimeStatus: { PatchLinux: step } },
    },
    context,
  );
  const changes = await flotilla.state.readChanges(0, 10_000);
  return changes
    .map(
      ({ event }) =>
        envelope(event, { source: localSource, account: context.account, region: context.region }) as Invocation,
    )
    .filter(
      (event) =>
        event['detail-type'] === 'EC2 Command Invocation Status-change Notification' &&
        event.detail['command-id'] === commandId &&
        event.detail.status !== 'InProgress',
    );
}

async function scan(output: string): Promise<Invocation> {
  const [event] = await run(output);
  if (event === undefined) throw new Error('the invocation has not ended');
  await handler(event, flotilla.context);
  return event;
}

const state = async () =>
  (await operations.DescribeInstancePatchStates({ InstanceIds: [node] }, flotilla.as())).InstancePatchStates?.[0];
const patches = async (Filters?: { Key: string; Values: string[] }[]) =>
  (await operations.DescribeInstancePatches({ InstanceId: node, Filters }, flotilla.as())).Patches ?? [];
const complianceEvents = async (): Promise<object[]> =>
  (await flotilla.state.readChanges(0, 10_000))
    .map(({ event }) => event)
    .filter(({ detailType }) => detailType === 'Configuration Compliance State Change')
    .map(({ detail }) => detail);

test('a scan becomes a state, rows, reports and inventory', async () => {
  expect(await state()).toBeUndefined();
  expect(await patches()).toEqual([]);
  const event = await scan(printScan(packages));
  const commandId = event.detail['command-id'];

  expect(await state()).toEqual({
    InstanceId: node,
    PatchGroup: 'web',
    BaselineId: baselineId,
    OwnerInformation: '',
    InstalledCount: 1,
    InstalledOtherCount: 1,
    InstalledPendingRebootCount: 0,
    InstalledRejectedCount: 0,
    MissingCount: 1,
    FailedCount: 0,
    UnreportedNotApplicableCount: -1,
    NotApplicableCount: 0,
    AvailableSecurityUpdateCount: 0,
    CriticalNonCompliantCount: 0,
    SecurityNonCompliantCount: 1,
    OtherNonCompliantCount: 0,
    OperationStartTime: new Date('2026-01-05T09:00:00Z'),
    OperationEndTime: new Date('2026-01-05T09:00:02Z'),
    Operation: 'Scan',
    RebootOption: 'RebootIfNeeded',
  });
  const installedAt = new Date(1_700_000_000_000);
  expect(await patches()).toEqual([
    {
      Title: 'nginx.amd64:1.2',
      KBId: 'nginx.amd64',
      Classification: 'Security',
      Severity: 'Important',
      State: 'Installed',
      InstalledTime: installedAt,
    },
    {
      Title: 'openssl.amd64:3.0.2',
      KBId: 'openssl.amd64',
      Classification: 'Security',
      Severity: 'Important',
      State: 'Missing',
      InstalledTime: new Date(0),
    },
    {
      Title: 'zsh.amd64:5.9',
      KBId: 'zsh.amd64',
      Classification: '',
      Severity: '',
      State: 'InstalledOther',
      InstalledTime: installedAt,
    },
  ]);

  const logs = `s3://${flotilla.context.serviceBucket}/collected/${commandId}/${node}/awsrunShellScript/PatchLinux/stdout`;
  const of = `10.0.0.1,Debian GNU/Linux,12,3.3.1`;
  const detail = (index: number, title: string, kbId: string, rest: string): string =>
    `${index},${node},'=web-1,${title},${kbId},${rest},,${baselineId},${logs},${of}\r\n`;
  const summary = await nodePatchState(flotilla.context, node);
  expect(summary?.reports.csvKey).toBe(`reports/patch/${node}/${commandId}.csv`);
  expect(await fileText(files, summary?.reports.bucket ?? '', summary?.reports.csvKey ?? '')).toBe(
    'Index,Instance ID,Instance name,Instance IP,Platform name,Platform version,SSM Agent version,Patch baseline,Patch group,Compliance status,Compliance severity,' +
      ['Critical', 'High', 'Medium', 'Low', 'Informational', 'Unspecified']
        .map((severity) => `Noncompliant ${severity} severity patch count`)
        .join(',') +
      `\r\n1,${node},'=web-1,${of},${baselineId},web,NON_COMPLIANT,UNSPECIFIED,0,0,0,0,0,1\r\n\r\n` +
      'Index,Instance ID,Instance name,Patch name,KB ID/Patch ID,Patch state,Last report time,Compliance level,Patch severity,Patch classification,CVE ID,Patch baseline,Logs URL,Instance IP,Platform name,Platform version,SSM Agent version\r\n' +
      detail(1, 'nginx.amd64:1.2', 'nginx.amd64', 'Installed,2026-01-05T09:00:02.000Z,UNSPECIFIED,Important,Security') +
      detail(
        2,
        'openssl.amd64:3.0.2',
        'openssl.amd64',
        'Missing,2026-01-05T09:00:02.000Z,UNSPECIFIED,Important,Security',
      ) +
      detail(3, 'zsh.amd64:5.9', 'zsh.amd64', 'InstalledOther,2026-01-05T09:00:02.000Z,UNSPECIFIED,,'),
  );
  expect(
    JSON.parse((await fileText(files, summary?.reports.bucket ?? '', summary?.reports.jsonKey ?? '')) ?? ''),
  ).toMatchObject({
    formatVersion: 1,
    node: { id: node, name: '=web-1' },
    operation: { name: 'Scan', commandId, logsUrl: logs, endedAt: '2026-01-05T09:00:02.000Z' },
    baseline: {
      id: baselineId,
      name: 'AWS-DebianDefaultPatchBaseline',
      operatingSystem: 'DEBIAN',
      product: 'Debian12',
    },
    summary: {
      packages: 3,
      complianceStatus: 'NON_COMPLIANT',
      missingBySeverity: { Important: 1 },
      byState: { Missing: 1 },
    },
    patches: [
      { kbId: 'nginx.amd64', compliant: true, installedAt: '2023-11-14T22:13:20.000Z' },
      { kbId: 'openssl.amd64', state: 'Missing', compliant: false },
      { kbId: 'zsh.amd64' },
    ],
  });

  const entries = async (TypeName: string) =>
    (await inventory.ListInventoryEntries({ InstanceId: node, TypeName }, flotilla.as())).Entries ?? [];
  expect(await entries('AWS:PatchSummary')).toMatchObject([
    {
      BaselineId: baselineId,
      MissingCount: '1',
      InstalledCount: '1',
      OperationType: 'Scan',
      ExecutionId: commandId,
      OperationEndTime: '2026-01-05T09:00:02Z',
    },
  ]);
  expect((await entries('AWS:PatchCompliance')).map(({ Title, State }) => `${State} ${Title}`)).toEqual([
    'Installed nginx.amd64:1.2',
    'Missing openssl.amd64:3.0.2',
    'InstalledOther zsh.amd64:5.9',
  ]);
  expect(await complianceEvents()).toEqual([
    {
      'resource-type': 'managed-instance',
      'resource-id': node,
      'compliance-status': 'non_compliant',
      'compliance-type': 'Patch',
      'patch-baseline-id': baselineId,
      severity: 'unspecified',
    },
  ]);
});

test('the node is told to leave its output in our bucket, whatever the caller names; the command keeps what was named', async () => {
  const sent = await runCommand.SendCommand(
    {
      DocumentName: 'AWS-RunPatchBaseline',
      InstanceIds: [node],
      Parameters: { Operation: ['Scan'] },
      OutputS3BucketName: 'callers-bucket',
    },
    flotilla.as(),
  );
  expect(sent.Command?.OutputS3BucketName).toBe('callers-bucket');
  const payload = (await renderCommand({ commandId: sent.Command?.CommandId ?? '' }, node, flotilla.context))?.content;
  expect(payload).toContain(flotilla.context.serviceBucket);
  expect(payload).not.toContain('callers-bucket');
});

describe('events that come twice, late or in another order', () => {
  test('the same once more changes nothing, and announces nothing', async () => {
    const event = await scan(printScan(packages));
    const before = [await state(), await patches(), await complianceEvents(), await storedKeys()];
    await handler(event, flotilla.context);
    await Promise.all([handler(event, flotilla.context), handler(event, flotilla.context)]);
    expect([await state(), await patches(), await complianceEvents(), await storedKeys()]).toEqual(before);
  });

  test('an older operation does not replace a newer one, though its node clock says otherwise', async () => {
    const [older] = await run(printScan(packages, { startedAt: 1_999_999_999 }));
    flotilla.clock.advance(1000);
    await scan(printScan([{ name: 'openssl', version: '3.0.2', security: '3.0.2' }]));
    expect((await state())?.MissingCount).toBe(0);
    await handler(older!, flotilla.context);
    expect((await state())?.MissingCount).toBe(0);
    expect(await patches()).toHaveLength(1);
  });

  test('delivered at once, the newest stands', async () => {
    const events: Invocation[] = [];
    for (let place = 1; place <= 6; place++) {
      flotilla.clock.advance(1000);
      events.push(...(await run(printScan(packages.slice(0, (place % 3) + 1)))));
    }
    await Promise.all([...events].reverse().map((event) => handler(event, flotilla.context)));
    expect((await nodePatchState(flotilla.context, node))?.commandId).toBe(events.at(-1)?.detail['command-id']);
    expect(await patches()).toHaveLength(1);
  });
});

describe('what is no whole scan', () => {
  test.each<[string, (output: string) => string | undefined]>([
    ['is absent', () => undefined],
    ['is cut off', (output) => output.slice(0, output.length - 200)],
    ['has no block', () => '3 packages\n'],
    ['is altered', (output) => output.replace('H4sI', 'H4sJ')],
  ])('an output that %s leaves the state as it was, and the event comes again', async (_name, change) => {
    await scan(printScan([]));
    const before = await state();
    flotilla.clock.advance(1000);
    const [event] = await run(change(printScan(packages)));
    await expect(handler(event!, flotilla.context)).rejects.toThrow();
    expect(await state()).toEqual(before);
    expect(await complianceEvents()).toHaveLength(1);
  });

  test('an upload that arrives after the first delivery is read by the next', async () => {
    const [event] = await run(undefined);
    await expect(handler(event!, flotilla.context)).rejects.toThrow(/uploaded no scan/);
    await files.put(
      flotilla.context.serviceBucket,
      `collected/${event?.detail['command-id']}/${node}/awsrunShellScript/PatchLinux/stdout`,
      Buffer.from(printScan(packages)),
    );
    await handler(event!, flotilla.context);
    expect((await state())?.MissingCount).toBe(1);
  });

  test('a failed invocation counts for nothing, whatever it has left', async () => {
    const [event] = await run(printScan(packages), { status: 'Failed', code: 3 });
    expect(event?.detail.status).toBe('Failed');
    await handler(event!, flotilla.context);
    expect(await state()).toBeUndefined();
  });

  test('an operating system without a baseline is passed over', async () => {
    await scan(printScan(packages, { distribution: 'arch' }));
    expect(await state()).toBeUndefined();
  });
});

test('a node that becomes compliant is announced once, and so is its relapse', async () => {
  const fixed = [{ name: 'openssl', version: '3.0.2', security: '3.0.2' }];
  for (const next of [packages, packages, fixed, fixed, packages]) {
    await scan(printScan(next));
    flotilla.clock.advance(1000);
  }
  expect((await complianceEvents()).map((detail) => (detail as Record<string, string>)['compliance-status'])).toEqual([
    'non_compliant',
    'compliant',
    'non_compliant',
  ]);
});

test('a node of 9,000 packages: pages, filters, and no leftovers when it shrinks', async () => {
  const many = Array.from({ length: 9000 }, (_, at) => ({
    name: `package-${String(at).padStart(4, '0')}`,
    version: '1.0',
    ...(at % 100 === 0 ? { security: '1.1' } : {}),
  }));
  await scan(printScan(many));
  expect((await state())?.MissingCount).toBe(90);
  const ids: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await operations.DescribeInstancePatches(
      { InstanceId: node, MaxResults: 100, NextToken },
      flotilla.as(),
    );
    ids.push(...(page.Patches ?? []).map(({ KBId }) => KBId));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  expect(ids).toEqual(many.map(({ name }) => `${name}.amd64`));
  for (const value of ['Missing', 'MISSING'])
    expect(await patches([{ Key: 'State', Values: [value] }])).toHaveLength(90);
  expect(
    await patches([
      { Key: 'State', Values: ['INSTALLED_OTHER'] },
      { Key: 'KBId', Values: ['package-0001.amd64', 'package-0000.amd64'] },
    ]),
  ).toMatchObject([{ KBId: 'package-0001.amd64' }]);
  expect(
    await patches([
      { Key: 'Classification', Values: ['Security'] },
      { Key: 'Severity', Values: ['Important', 'Required'] },
    ]),
  ).toHaveLength(90);
  flotilla.clock.advance(1000);
  await scan(printScan(packages));
  expect(await patches()).toHaveLength(3);
});

test('what is asked wrongly is refused', async () => {
  await expect(patches([{ Key: 'Colour', Values: ['red'] }])).rejects.toMatchObject({ code: 'InvalidFilter' });
  await expect(
    operations.DescribeInstancePatches({ InstanceId: 'mi-0123456789abcdef0' }, flotilla.as()),
  ).rejects.toMatchObject({ code: 'InvalidInstanceId' });
  await expect(
    operations.DescribeInstancePatchStates({ InstanceIds: [node], NextToken: 'x' }, flotilla.as()),
  ).rejects.toMatchObject({ code: 'InvalidNextToken' });
  expect(
    await operations.DescribeInstancePatchStates({ InstanceIds: ['mi-0123456789abcdef0'] }, flotilla.as()),
  ).toEqual({ InstancePatchStates: [] });
});

test('states come in the order asked for, page by page', async () => {
  const first = node;
  await scan(printScan(packages));
  const ids = [first];
  for (let count = 0; count < 11; count++) {
    node = await makeNode(flotilla.context);
    await scan(printScan(packages));
    ids.unshift(node);
  }
  const page = await operations.DescribeInstancePatchStates(
    { InstanceIds: [...ids, 'mi-0123456789abcdef0'], MaxResults: 10 },
    flotilla.as(),
  );
  const rest = await operations.DescribeInstancePatchStates(
    { InstanceIds: [...ids, 'mi-0123456789abcdef0'], MaxResults: 10, NextToken: page.NextToken },
    flotilla.as(),
  );
  expect(
    [...(page.InstancePatchStates ?? []), ...(rest.InstancePatchStates ?? [])].map(({ InstanceId }) => InstanceId),
  ).toEqual(ids);
  expect(rest.NextToken).toBeUndefined();
});

test('with the node goes what is known of its patches, and a scan that comes later brings nothing back', async () => {
  await scan(printScan(packages));
  flotilla.clock.advance(1000);
  const [late] = await run(printScan(packages));
  await removeNode(flotilla.context, node, () => []);
  const gone = { ...late!, 'detail-type': 'SSM Managed Instance Deregistration', detail: { 'instance-id': node } };
  await forgetNode(gone, flotilla.context);
  await handler(late!, flotilla.context);
  expect(await state()).toBeUndefined();
  expect((await flotilla.state.query({ pk: `PATCHES#${node}` })).rows).toEqual([]);
});

test('baselines are listed, read by their ARNs, and one is the default of each operating system', async () => {
  const { BaselineIdentities = [] } = await operations.DescribePatchBaselines(
    { Filters: [{ Key: 'OPERATING_SYSTEM', Values: ['WINDOWS'] }] },
    flotilla.as(),
  );
  expect(BaselineIdentities.map(({ BaselineName, DefaultBaseline }) => `${BaselineName} ${DefaultBaseline}`)).toEqual([
    'AWS-DefaultPatchBaseline true',
    'AWS-WindowsPredefinedPatchBaseline-OS false',
    'AWS-WindowsPredefinedPatchBaseline-OS-Applications false',
  ]);
  expect(
    (await operations.DescribePatchBaselines({ Filters: [{ Key: 'OWNER', Values: ['Self'] }] }, flotilla.as()))
      .BaselineIdentities,
  ).toEqual([]);
  expect(await operations.GetDefaultPatchBaseline({ OperatingSystem: 'DEBIAN' }, flotilla.as())).toEqual({
    BaselineId: baselineId,
    OperatingSystem: 'DEBIAN',
  });
  expect((await operations.GetDefaultPatchBaseline({}, flotilla.as())).BaselineId).toBe(
    BaselineIdentities[0]?.BaselineId,
  );
  expect(await operations.GetPatchBaseline({ BaselineId: baselineId }, flotilla.as())).toMatchObject({
    Name: 'AWS-DebianDefaultPatchBaseline',
    OperatingSystem: 'DEBIAN',
    ApprovalRules: {
      PatchRules: [
        {
          PatchFilterGroup: {
            PatchFilters: [
              { Key: 'PRODUCT', Values: ['*'] },
              { Key: 'PRIORITY', Values: ['Required', 'Important', 'Standard', 'Optional', 'Extra'] },
            ],
          },
          ComplianceLevel: 'UNSPECIFIED',
          EnableNonSecurity: false,
        },
      ],
    },
    RejectedPatchesAction: 'ALLOW_AS_DEPENDENCY',
  });
  await expect(
    operations.GetPatchBaseline({ BaselineId: 'pb-0f2b84c6e7d1a9036' }, flotilla.as()),
  ).rejects.toMatchObject({ code: 'DoesNotExistException' });
  await expect(
    operations.GetPatchBaseline({ BaselineId: 'no-baseline-at-all-here' }, flotilla.as()),
  ).rejects.toMatchObject({ code: 'InvalidResourceId' });
  const all: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await operations.DescribePatchBaselines({ MaxResults: 4, NextToken }, flotilla.as());
    all.push(...(page.BaselineIdentities ?? []).map(({ BaselineId }) => BaselineId));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  expect(new Set(all).size).toBe(17);
});
