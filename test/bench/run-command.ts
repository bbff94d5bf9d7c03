/**
 * SendCommand to three nodes and ListCommandInvocations of three, beside moto_server on the same machine.
 *
 *   npm run bench -- run-command [SECONDS]
 */
import path from 'node:path';
import { SendCommandCommand } from '@aws-sdk/client-ssm';
import { enrol } from '../../simulate/enrol.ts';
import { noFaults } from '../../simulate/faults.ts';
import { Fleet } from '../../simulate/fleet.ts';
import { silentLog } from '../../core/log.ts';
import { clientOf, startServer } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';
import { connections, measure, measureInTurn, startMoto, type Call, type Server } from './load.ts';

const seconds = Number(process.argv[2] ?? 5);

const { folder, remove } = temporaryFolder();
const server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
const { connection } = server;
const moto = await startMoto();
const registrations = await enrol({
  ...connection,
  credentials: connection,
  nodes: 3,
  activations: 1,
  keyPairs: 1,
  tags: {},
});
const fleet = new Fleet(
  registrations,
  { faults: noFaults, duration: 0, inventoryEntries: 0, random: Math.random },
  silentLog,
);
await fleet.start();
// They have said what they are; thousands of commands a second are not for three nodes to run.
fleet.stop();
try {
  const nodeIds = registrations.map(({ nodeId }) => nodeId);
  const ours: Server = { endpoint: connection.endpoint, pid: server.pid, credentials: connection };
  const send: Call = {
    target: 'AmazonSSM.SendCommand',
    bodies: [
      JSON.stringify({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: nodeIds,
        Parameters: { commands: ['uptime'] },
      }),
    ],
  };
  await compare('SendCommand, 3 nodes', ours, send, moto, send);

  const list = async (at: Server): Promise<Call> => {
    const { Command } = await clientOf({ ...connection, ...at.credentials, endpoint: at.endpoint }).send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: nodeIds,
        Parameters: { commands: ['uptime'] },
      }),
    );
    return { target: 'AmazonSSM.ListCommandInvocations', bodies: [JSON.stringify({ CommandId: Command!.CommandId })] };
  };
  // moto does not have this operation.
  await compare('ListCommandInvocations, 3 of one command', ours, await list(ours), undefined, undefined);
} finally {
  moto?.stop();
  await server.kill('SIGTERM');
  remove();
}

async function compare(
  what: string,
  ours: Server,
  call: Call,
  peer: Server | undefined,
  peersCall: Call | undefined,
): Promise<void> {
  await measure(ours, call, 1);
  const mine = await measure(ours, call, seconds);
  console.log(
    `${what}: ${mine.rate.toFixed(0)}/s, ${mine.cost.toFixed(0)} µs of processor time each, p99 ${mine.p99} ms (${connections} connections, ${seconds} s)`,
  );
  if (peer === undefined || peersCall === undefined) return;
  const bodies = peersCall.bodies.map((body) => ({ body, credentials: peer.credentials }));
  await measureInTurn(peer, peersCall.target, bodies, 1);
  const theirs = await measureInTurn(peer, peersCall.target, bodies, seconds);
  console.log(
    `${what}, moto_server: ${theirs.rate.toFixed(0)}/s; ours is ${(mine.rate / theirs.rate).toFixed(1)} times that`,
  );
}
