/** How a command ended, as an exit code and as a table. Pure. */
import { table } from '../table.ts';
import type { WatchedInvocation } from './watched.ts';

/**
 * Exit codes where the remote command has none: the same as those of timeout(1), of a shell after Ctrl-C, and of
 * docker.
 */
export const exitCodes = { timedOut: 124, notRun: 125, cancelled: 130 } as const;

/** The remote exit code; with several steps the first one that is not 0. */
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

/** The most nodes that are listed when all succeeded. */
const mostListed = 50;

/** A line for each node, and a total. Of a large fleet only failures are listed. */
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

/** The last line that a failed step wrote. */
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
