/** How a command ended, for the shell and for people. Pure. */
import { table } from '../table.ts';
import type { WatchedInvocation } from './watched.ts';

/**
 * What the shell is told where the remote command has no exit code of its own: as timeout(1), the shell at Ctrl-C, and
 * docker do.
 */
export const exitCodes = { timedOut: 124, notRun: 125, cancelled: 130 } as const;

/** The remote exit code; of several steps the first that is not 0. */
export function exitCodeOf({
  Status,
  StatusDetails,
  Steps,
}: Pick<WatchedInvocation, 'Status' | 'StatusDetails' | 'Steps'>): number {
  if (Status === 'Success') return 0;
  if (StatusDetails === 'ExecutionTimedOut') return exitCodes.timedOut;
  if (StatusDetails === 'Cancelled') return exitCodes.cancelled;
  const code = Steps.map(({ ResponseCode }) => ResponseCode).find((one) => one !== 0);
  return StatusDetails === 'Failed' && code !== undefined && code > 0 && code < 256 ? code : exitCodes.notRun;
}

/** Nodes that are listed one by one when all went well. */
const mostListed = 50;

/** A line a node, and one for all; of a fleet only what did not go well is listed. */
export function outcomeTable(invocations: readonly WatchedInvocation[], nameOf: (nodeId: string) => string): string {
  const failed = invocations.filter(({ Status }) => Status !== 'Success');
  const listed = invocations.length <= mostListed ? invocations : failed;
  const rows = listed.map((one) => [
    nameOf(one.InstanceId),
    one.InstanceId,
    one.StatusDetails,
    codeText(one),
    reasonOf(one),
  ]);
  const lines = rows.length === 0 ? [] : [table(['NODE', 'ID', 'STATUS', 'EXIT', ''], rows), ''];
  return [...lines, summary(invocations)].join('\n');
}

function codeText({ Steps }: WatchedInvocation): string {
  if (Steps.length === 0) return '-';
  const code = Steps.map(({ ResponseCode }) => ResponseCode).find((one) => one !== 0) ?? 0;
  return code < 0 ? '-' : String(code);
}

/** The last word of what failed. */
function reasonOf({ Status, Steps, Trace }: WatchedInvocation): string {
  if (Status === 'Success') return '';
  const text = Steps.map(({ StandardError }) => StandardError).findLast((one) => one.trim() !== '') ?? Trace;
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  return last.length > 80 ? `${last.slice(0, 79)}…` : last;
}

function summary(invocations: readonly WatchedInvocation[]): string {
  const counts = new Map<string, number>();
  for (const { StatusDetails } of invocations) counts.set(StatusDetails, (counts.get(StatusDetails) ?? 0) + 1);
  const rank = ([status, count]: readonly [string, number]): number => (status === 'Success' ? Infinity : count);
  return `${invocations.length} nodes: ${[...counts]
    .sort((one, other) => rank(other) - rank(one))
    .map(([status, count]) => `${count} ${status}`)
    .join(', ')}`;
}
