/**
 * Whether a node's agent is the newest version. This is known only for our own agent, which is delivered with Flotilla.
 */
import { agentVersion as ownVersion } from '../../../agent/version.ts';
import type { ListedNode } from '../../nodes/index.ts';
import { compare } from './node-filter.ts';

const ownName = 'flotilla-agent';

/** @returns `undefined` where it is not known: for amazon-ssm-agent, and for a node that has not reported */
export function isLatestVersion({
  agentName,
  agentVersion,
}: Pick<ListedNode, 'agentName' | 'agentVersion'>): boolean | undefined {
  return agentName === ownName && agentVersion !== undefined ? compare(agentVersion, ownVersion) >= 0 : undefined;
}
