/** The log group and stream in CloudWatch Logs for a command's output. Pure. */
import type { OutputLogsTarget } from './output-logs.ts';

/** The payload's members about CloudWatch Logs. */
export interface LogsRequest {
  readonly CommandId: string;
  readonly DocumentName: string;
  /** `true` or `false`, as text. */
  readonly CloudWatchOutputEnabled?: string;
  readonly CloudWatchLogGroupName?: string;
  /** Flotilla's own: the operator's CloudWatch Logs instead of AWS's. */
  readonly CloudWatchLogsEndpoint?: string;
}

/**
 * The group is the named one, or `/aws/ssm/<document>`. Characters that CloudWatch does not allow are replaced.
 * @returns undefined where no logs are requested
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
