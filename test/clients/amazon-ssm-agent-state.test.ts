/** AWS's own agent, over both of its channels: State Manager, Inventory and Patch Manager through it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  CreateAssociationCommand,
  DescribeAssociationCommand,
  DescribeInstancePatchesCommand,
  DescribeInstancePatchStatesCommand,
  GetInventoryCommand,
  ListInventoryEntriesCommand,
  StartAssociationsOnceCommand,
  type CreateAssociationCommandInput,
} from '@aws-sdk/client-ssm';
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAmazonAgent } from '../support/amazon-ssm-agent.ts';
import { AmazonAgentFixture } from '../support/amazon-ssm-agent-fixture.ts';
import { eventually } from '../support/flotilla-process.ts';

const { folder: binaries = '', title } = findAmazonAgent();
/**
 * A report of inventory waits up to half a minute, so that a fleet's do not come at once; one that is asked for in full
 * waits again.
 */
const inventoryTime = 75_000;

describe.skipIf(binaries === '').each(['ssmmessages', 'ec2messages'] as const)(
  `amazon-ssm-agent (${title}), what it keeps up, by %s`,
  (channel) => {
    let fixture: AmazonAgentFixture;
    let node: string;
    beforeAll(async () => {
      fixture = await AmazonAgentFixture.open({ binaries, channel });
      node = fixture.machine.nodeId;
    });
    afterAll(() => fixture?.close());

    const everyNode = [{ Key: 'InstanceIds', Values: ['*'] }];

    async function associate(input: Partial<CreateAssociationCommandInput> = {}): Promise<string> {
      const { AssociationDescription } = await fixture.client.send(
        new CreateAssociationCommand({ Name: 'AWS-RunShellScript', Targets: everyNode, ...input }),
      );
      return AssociationDescription!.AssociationId!;
    }

    /** The end of the run that began after the last look. */
    function runOf(
      AssociationId: string,
      after: number | undefined,
      milliseconds = 45_000,
    ): Promise<{ status: string | undefined; ranAt: number }> {
      return eventually(
        `a run of ${AssociationId}`,
        async () => {
          const { AssociationDescription: association } = await fixture.client.send(
            new DescribeAssociationCommand({ AssociationId }),
          );
          const ranAt = association?.LastExecutionDate?.getTime();
          return association?.Overview?.Status === 'Pending' || ranAt === undefined || ranAt === after
            ? undefined
            : { status: association?.Overview?.Status, ranAt };
        },
        milliseconds,
      );
    }

    const entries = async (TypeName: string) =>
      await fixture.client.send(new ListInventoryEntriesCommand({ InstanceId: node, TypeName }));

    test('an association runs when it is made and when it is asked for, alone, and its output goes to S3', async () => {
      await fixture.s3.send(new CreateBucketCommand({ Bucket: 'association.outputs' }));
      const ran = path.join(fixture.folder, 'ran');
      const well = await associate({
        Parameters: { commands: [`echo well >> ${ran}`, 'echo done'] },
        ScheduleExpression: 'rate(30 minutes)',
        OutputLocation: { S3Location: { OutputS3BucketName: 'association.outputs', OutputS3KeyPrefix: 'kept' } },
      });
      const first = await runOf(well, undefined);
      expect(first.status).toBe('Success');
      const badly = await associate({ Parameters: { commands: [`echo badly >> ${ran}`, 'exit 3'] } });
      expect((await runOf(badly, undefined)).status).toBe('Failed');
      await fixture.client.send(new StartAssociationsOnceCommand({ AssociationIds: [well] }));
      expect((await runOf(well, first.ranAt)).status).toBe('Success');
      expect(readFileSync(ran, 'utf8')).toBe('well\nbadly\nwell\n');

      const { Contents = [] } = await fixture.s3.send(new ListObjectsV2Command({ Bucket: 'association.outputs' }));
      expect(Contents.map(({ Key }) => Key)).toEqual(
        [0, 1].map(
          () =>
            expect.stringMatching(
              new RegExp(`^kept/${node}/${well}/[^/]+/awsrunShellScript/0.awsrunShellScript/stdout$`),
            ) as string,
        ),
      );
      expect(await fixture.object('association.outputs', Contents[0]!.Key!)).toBe('done\n');
    });

    test('AWS-RefreshAssociation applies all that the node has', async () => {
      const ran = path.join(fixture.folder, 'refreshed');
      const id = await associate({ Parameters: { commands: [`echo once more >> ${ran}`] } });
      await runOf(id, undefined);
      expect(await fixture.end(await fixture.send({ DocumentName: 'AWS-RefreshAssociation' }))).toMatchObject({
        Status: 'Success',
      });
      await eventually('the second run', () =>
        readFileSync(ran, 'utf8') === 'once more\nonce more\n' ? true : undefined,
      );
    });

    test('inventory is collected, and the second time told of by its hash', async () => {
      const custom = path.join(fixture.machine.folder, 'var/lib/amazon/ssm', node, 'inventory/custom');
      mkdirSync(custom, { recursive: true });
      writeFileSync(
        path.join(custom, 'rack.json'),
        JSON.stringify({ SchemaVersion: '2.5', TypeName: 'Custom:Rack', Content: { Row: '3', Place: '12' } }),
      );
      const id = await associate({
        Name: 'AWS-GatherSoftwareInventory',
        Parameters: { files: [JSON.stringify([{ Path: '/etc', Pattern: ['*.conf'], Recursive: false }])] },
      });
      const first = await runOf(id, undefined, inventoryTime);
      expect(first.status).toBe('Success');
      const interfaces = readdirSync('/sys/class/net').filter((name) => name !== 'lo');
      expect((await entries('AWS:Network')).Entries?.map(({ Name }) => Name)).toEqual(
        expect.arrayContaining(interfaces.slice(0, 1)),
      );
      expect((await entries('AWS:InstanceDetailedInformation')).Entries).toMatchObject([
        { CPUs: expect.stringMatching(/^\d+$/) as string },
      ]);
      expect((await entries('AWS:File')).Entries?.map(({ Name }) => Name)).toContain('nsswitch.conf');
      expect((await entries('Custom:Rack')).Entries).toEqual([{ Row: '3', Place: '12' }]);
      const { Entities = [] } = await fixture.client.send(
        new GetInventoryCommand({ Filters: [{ Key: 'AWS:Application.Name', Values: ['bash'] }] }),
      );
      expect(Entities.map(({ Id }) => Id)).toEqual([node]);

      const before = (await entries('AWS:Application')).CaptureTime!;
      await fixture.client.send(new StartAssociationsOnceCommand({ AssociationIds: [id] }));
      expect((await runOf(id, first.ranAt, inventoryTime)).status).toBe('Success');
      expect(Date.parse((await entries('AWS:Application')).CaptureTime!)).toBeGreaterThan(Date.parse(before));
      // Nothing was asked for in full.
      expect(fixture.machine.log()).not.toMatch(/ItemContentMismatch|error occured while calling PutInventory/);
    });

    test('missing patches are found by a scan', async () => {
      const scanned = await fixture.end(
        await fixture.send({ DocumentName: 'AWS-RunPatchBaseline', Parameters: { Operation: ['Scan'] } }),
        120_000,
      );
      // 3: the package repositories could not be reached from here, and nothing was judged.
      if (scanned.ResponseCode === 3)
        return expect(scanned).toMatchObject({
          Status: 'Failed',
          StandardErrorContent: expect.stringMatching(/repositories/) as string,
        });
      expect(scanned).toMatchObject({ Status: 'Success' });
      const state = await eventually(
        'the state of its patches',
        async () =>
          (await fixture.client.send(new DescribeInstancePatchStatesCommand({ InstanceIds: [node] })))
            .InstancePatchStates?.[0],
      );
      expect(state).toMatchObject({ InstanceId: node, Operation: 'Scan' });
      const { Patches = [] } = await fixture.client.send(
        new DescribeInstancePatchesCommand({
          InstanceId: node,
          Filters: [{ Key: 'State', Values: ['Missing'] }],
          MaxResults: 100,
        }),
      );
      expect(Patches).toHaveLength(Math.min(100, state.MissingCount!));
    });
  },
);
