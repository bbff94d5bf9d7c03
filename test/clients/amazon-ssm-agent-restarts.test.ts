/** AWS's own agent: kill -9 of Flotilla, of the agent and of its machine, in the middle of what they do. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  CancelCommandCommand,
  DeregisterManagedInstanceCommand,
  DescribeInstanceInformationCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAmazonAgent } from '../support/amazon-ssm-agent.ts';
import { AmazonAgentFixture } from '../support/amazon-ssm-agent-fixture.ts';
import { eventually } from '../support/flotilla-process.ts';

const { folder: binaries = '', title } = findAmazonAgent();
/** How long the agent looks for a document's process that is gone. */
const lostProcess = 60_000;
/** When the agent sends again what was not acknowledged. */
const sentAgain = 300_000;

describe.skipIf(binaries === '').each(['ssmmessages', 'ec2messages'] as const)(
  `amazon-ssm-agent (${title}), killed, by %s`,
  (channel) => {
    let fixture: AmazonAgentFixture;
    let ran: string;
    beforeAll(async () => {
      fixture = await AmazonAgentFixture.open({ binaries, channel });
      ran = path.join(fixture.folder, 'ran');
    });
    afterAll(() => fixture?.close());

    /** A script that leaves a line when it begins and one when it ends. */
    const script = (name: string, seconds: number) =>
      fixture.script([
        `echo begin ${name} >> ${ran}`,
        `sleep ${seconds}`,
        `echo end ${name} >> ${ran}`,
        `echo ${name}`,
      ]);
    const linesOf = (name: string): string[] =>
      (existsSync(ran) ? readFileSync(ran, 'utf8') : '').split('\n').filter((line) => line.endsWith(` ${name}`));
    const begun = (name: string) => eventually(`${name} to begin`, () => (linesOf(name).length > 0 ? true : undefined));
    const once = (name: string): string[] => [`begin ${name}`, `end ${name}`];
    const succeeded = (name: string) => ({ Status: 'Success', StandardOutputContent: `${name}\n` });

    describe('the agent', () => {
      test('while a script runs: the script goes on, once, and its result is told', async () => {
        const id = await script('killed', 5);
        await begun('killed');
        await fixture.machine.killAgent();
        await fixture.machine.startAgent();
        expect(await fixture.end(id)).toMatchObject(succeeded('killed'));
        expect(linesOf('killed')).toEqual(once('killed'));
      });

      test('by SIGTERM, too', async () => {
        const id = await script('stopped', 5);
        await begun('stopped');
        await fixture.machine.stopAgent();
        expect(await fixture.get(id)).toMatchObject({ Status: 'InProgress' });
        await fixture.machine.startAgent();
        expect(await fixture.end(id)).toMatchObject(succeeded('stopped'));
        expect(linesOf('stopped')).toEqual(once('stopped'));
      });

      test('with commands on their way: what was cancelled meanwhile never runs', async () => {
        await fixture.machine.killAgent();
        const kept = await script('kept', 0);
        const cancelled = await script('cancelled', 0);
        await fixture.client.send(new CancelCommandCommand({ CommandId: cancelled }));
        await fixture.machine.startAgent();
        expect(await fixture.end(kept)).toMatchObject(succeeded('kept'));
        expect(await fixture.get(cancelled)).toMatchObject({ Status: 'Cancelled' });
        expect(linesOf('kept')).toEqual(once('kept'));
        expect(linesOf('cancelled')).toEqual([]);
      });
    });

    describe('its machine', () => {
      test('while a script runs: the command fails, and the script does not run again', async () => {
        const id = await script('cut', 5);
        await begun('cut');
        await fixture.machine.cutPower();
        await fixture.machine.turnOn();
        await fixture.machine.startAgent();
        expect(await fixture.end(id, lostProcess + 60_000)).toMatchObject({
          Status: 'Failed',
          StatusDetails: 'Failed',
        });
        expect(linesOf('cut')).toEqual(['begin cut']);
      });

      test('by a script that asks for a reboot: the command is in progress, and the step runs once more afterwards', async () => {
        const mark = path.join(fixture.folder, 'rebooted');
        const id = await fixture.script([`[ -f ${mark} ] && echo after && exit 0`, `touch ${mark}`, 'exit 194']);
        await eventually('the wish for a reboot', () => fixture.machine.file('var/asked-to-shut-down'));
        expect(await fixture.get(id)).toMatchObject({ Status: 'InProgress', ResponseCode: 194 });
        await fixture.machine.cutPower();
        await fixture.machine.turnOn();
        await fixture.machine.startAgent();
        expect(await fixture.end(id)).toMatchObject({
          Status: 'Success',
          ResponseCode: 0,
          StandardOutputContent: 'after\n',
        });
      });
    });

    test(
      'Flotilla, while scripts run: what ends later is told at once, what ended meanwhile when the agent tells it again',
      async () => {
        const later = await script('later', 30);
        const meanwhile = await script('meanwhile', 3);
        await begun('later');
        await begun('meanwhile');
        await fixture.server.kill('SIGKILL');
        await eventually('the end of the script', () => (linesOf('meanwhile').length === 2 ? true : undefined));
        // Long enough for its report to be refused.
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        await fixture.startServer();
        await fixture.machine.isOnline(fixture.client);
        expect(await fixture.end(later)).toMatchObject(succeeded('later'));
        expect(await fixture.end(meanwhile, sentAgain + 60_000)).toMatchObject(succeeded('meanwhile'));
        for (const name of ['later', 'meanwhile']) expect(linesOf(name)).toEqual(once(name));
        expect(await fixture.run(['echo afterwards'])).toMatchObject({
          Status: 'Success',
          StandardOutputContent: 'afterwards\n',
        });
      },
      2 * sentAgain,
    );

    test('deregistered: the node is gone; the machine may register anew', async () => {
      const { nodeId } = fixture.machine;
      await fixture.client.send(new DeregisterManagedInstanceCommand({ InstanceId: nodeId }));
      await expect(fixture.script(['true'])).rejects.toMatchObject({ name: 'InvalidInstanceId' });
      await fixture.machine.stopAgent();
      await fixture.machine.register(fixture.client);
      expect(fixture.machine.nodeId).not.toBe(nodeId);
      await fixture.machine.startAgent();
      await fixture.machine.isOnline(fixture.client);
      expect(await fixture.run(['echo anew'])).toMatchObject({ Status: 'Success', StandardOutputContent: 'anew\n' });
      const { InstanceInformationList: nodes = [] } = await fixture.client.send(
        new DescribeInstanceInformationCommand({}),
      );
      expect(nodes.map(({ InstanceId }) => InstanceId)).toEqual([fixture.machine.nodeId]);
    });
  },
);
