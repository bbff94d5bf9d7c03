/** Makes this machine a node: an activation, a registration, and the agent that runs on it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../../core/context.ts';
import type { Connection } from '../connection-file.ts';
import type { AgentProcess } from './agent-process.ts';
import { callAsService } from './call-as-service.ts';

/**
 * Enrols this machine, unless it is a node of this Flotilla already, and runs its agent until it is stopped.
 * @param stateFolder the agent's
 * @returns the node's id
 * @throws Error when the agent could not be registered, or is not online within a minute
 */
export async function enrolThisMachine(
  agent: AgentProcess,
  context: Context,
  connection: Connection,
  stateFolder: string,
): Promise<string> {
  const call = callAsService(context);
  const known = registeredAs(stateFolder);
  const isNode =
    known !== undefined &&
    (
      (await call('DescribeInstanceInformation', { Filters: [{ Key: 'InstanceIds', Values: [known] }] }))
        .InstanceInformationList ?? []
    ).length > 0;
  const place = [
    '--state',
    stateFolder,
    '--endpoint',
    connection.endpoint,
    '--node-endpoint',
    connection.nodeEndpoint,
    '--s3-endpoint',
    connection.endpoint,
    '--ca',
    connection.caFile,
  ];
  if (!isNode) {
    const activation = await call('CreateActivation', {
      IamRole: 'service-role/FlotillaNode',
      DefaultInstanceName: 'this-machine',
      Description: 'The machine that Flotilla runs on',
    });
    await agent.register([
      '-y',
      '--region',
      context.region,
      '--id',
      activation.ActivationId!,
      '--code',
      activation.ActivationCode!,
      ...place,
    ]);
  }
  await agent.run(['--replace', '--log-level', 'warn', ...place]);
  return registeredAs(stateFolder)!;
}

function registeredAs(stateFolder: string): string | undefined {
  const file = path.join(stateFolder, 'registration.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { nodeId: string }).nodeId : undefined;
}
