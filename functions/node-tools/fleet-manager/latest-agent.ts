/** Whether a node's agent is the newest there is: known of our own, which comes with this Flotilla. */
import { agentVersion as ownVersion } from '../../../agent/version.ts';
import type { ListedNode } from '../../nodes/index.ts';
import { compare } from './node-filter.ts';

const ownName = 'flotilla-agent';

/** @returns `undefined` where nobody here knows: of amazon-ssm-agent, of a node that has not reported */
export function isLatestVersion({
  agentName,
  agentVersion,
}: Pick<ListedNode, 'agentName' | 'agentVersion'>): boolean | undefined {
  return agentName === ownName && agentVersion !== undefined ? compare(agentVersion, ownVersion) >= 0 : undefined;
}
