/** An invocation as ListCommandInvocations shows it. Pure. */
import type { CommandInvocation, CommandPlugin } from '@aws-sdk/client-ssm';
import type { Context } from '../../../core/context.ts';
import { noNotification } from './commands.ts';
import { outputUrl } from './output.ts';
import { invocationStatus, pluginStatus } from './states.ts';
import type { InvocationBody, StepBody } from './store.ts';

/** What is shown where no logs were asked for. */
export const noLogs = { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false };

/** @param steps its results, in the order of the document */
export function describeInvocation(
  invocation: InvocationBody,
  steps: readonly StepBody[],
  details: boolean,
  context: Context,
): CommandInvocation {
  const last = steps.at(-1);
  return {
    CommandId: invocation.commandId,
    InstanceId: invocation.nodeId,
    InstanceName: invocation.nodeName,
    Comment: invocation.comment,
    DocumentName: invocation.documentName,
    DocumentVersion: invocation.documentVersion,
    RequestedDateTime: new Date(invocation.requestedAt),
    Status: invocationStatus(invocation.state),
    StatusDetails: invocation.state,
    TraceOutput: invocation.trace ?? '',
    StandardOutputUrl: outputUrl(context.settings.filesEndpoint, last, 'stdout'),
    StandardErrorUrl: outputUrl(context.settings.filesEndpoint, last, 'stderr'),
    CommandPlugins: details
      ? invocation.steps.map((step, place) =>
          describePlugin(
            step.name,
            steps.find((result) => result.place === place),
            context,
          ),
        )
      : [],
    ServiceRole: invocation.serviceRole,
    NotificationConfig: invocation.notificationConfig ?? noNotification,
    CloudWatchOutputConfig: invocation.cloudWatchOutputConfig ?? noLogs,
  };
}

function describePlugin(name: string, step: StepBody | undefined, context: Context): CommandPlugin {
  if (step === undefined)
    return {
      Name: name,
      Status: 'Pending',
      StatusDetails: 'Pending',
      ResponseCode: -1,
      Output: '',
      StandardOutputUrl: '',
      StandardErrorUrl: '',
      OutputS3Region: '',
      OutputS3BucketName: '',
      OutputS3KeyPrefix: '',
    };
  return {
    Name: name,
    Status: pluginStatus(step.state),
    StatusDetails: step.state,
    ResponseCode: step.responseCode,
    ResponseStartDateTime: step.startedAt === undefined ? undefined : new Date(step.startedAt),
    ResponseFinishDateTime: step.finishedAt === undefined ? undefined : new Date(step.finishedAt),
    Output: step.output,
    StandardOutputUrl: outputUrl(context.settings.filesEndpoint, step, 'stdout'),
    StandardErrorUrl: outputUrl(context.settings.filesEndpoint, step, 'stderr'),
    OutputS3Region: step.s3Bucket === '' ? '' : context.region,
    OutputS3BucketName: step.s3Bucket,
    OutputS3KeyPrefix: step.s3Prefix,
  };
}
