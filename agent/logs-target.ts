/** Where a command wants its output in CloudWatch Logs. Pure. */
import type { OutputLogsTarget } from './output-logs.ts';

/** What of a command's payload says so. */
export interface LogsRequest {
  readonly CommandId: string;
  readonly DocumentName: string;
  /** `true` or `false`, as text. */
  readonly CloudWatchOutputEnabled?: string;
  readonly CloudWatchLogGroupName?: string;
  /** Flotilla's own: the operator's CloudWatch Logs, in place of AWS's. */
  readonly CloudWatchLogsEndpoint?: string;
}

/**
 * The group is the one that was named, or `/aws/ssm/<document>`; names are made as CloudWatch takes them.
 * @returns undefined where no logs are asked for
 */
export function logsTarget(
  request: LogsRequest,
  step: string,
  { nodeId, region }: { readonly nodeId: string; readonly region: string },
): OutputLogsTarget | undefined {
  if (request.CloudWatchOutputEnabled?.toLowerCase() !== 'true') return undefined;
  const group = request.CloudWatchLogGroupName || `/aws/ssm/${request.DocumentName}`;
  return {
    endpoint:
      request.CloudWatchLogsEndpoint ||
      `https://logs.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`,
    group: group.replaceAll(/[^\w\-/.#]/g, '.'),
    prefix: `${request.CommandId}/${nodeId}/${step.replaceAll(/[:*]/g, '-')}`,
  };
}
