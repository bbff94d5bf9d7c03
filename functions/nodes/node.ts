/** A node as other rooms see it, and when it counts as connected. */
import type { Tags } from '../tags/index.ts';
import type { AssociationsItem, NodeItem } from './store.ts';

export type PingStatus = 'Online' | 'ConnectionLost' | 'Inactive';

/** A node in a list: without its tags, with the states of its associations. */
export interface ListedNode extends Omit<Node, 'tags'> {
  readonly associations?: AssociationsItem;
}

export interface Node extends Omit<NodeItem, 'nodeId' | 'announced'> {
  readonly id: string;
  /** It takes work only from admins (core/admin-work.ts). */
  readonly adminsOnly: boolean;
  readonly pingStatus: PingStatus;
  /** Whether its control channel is open. */
  readonly connected: boolean;
  /** Epoch milliseconds; absent when it has never reported. */
  readonly lastPingAt?: number;
  readonly tags: Tags;
}

/** A node reports every five minutes by default. It counts as lost after two missed reports and some grace. */
export const pingGrace = 15 * 60_000;

/**
 * Online while the last report is at most 15 minutes old, or the control channel is open; AWS publishes no threshold.
 * `Inactive` is a node that was registered but never seen.
 * @param now epoch milliseconds
 */
export function pingStatusOf(lastPingAt: number | undefined, connected: boolean, now: number): PingStatus {
  if (connected) return 'Online';
  if (lastPingAt === undefined) return 'Inactive';
  return now - lastPingAt <= pingGrace ? 'Online' : 'ConnectionLost';
}
