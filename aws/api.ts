/** The API as a Lambda function behind a Function URL. */
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { fromFunctionUrl, toFunctionUrl } from '../functions/api/function-url.ts';
import type { Settings } from '../core/context.ts';
import { entry } from './lambda.ts';
import { apiOf } from './serve-api.ts';

export const handler = entry<LambdaFunctionURLEvent, LambdaFunctionURLResult>('api', async (event, context) => {
  // A function does not know its own URL when it is created.
  const endpoint = context.environment.endpoint ?? `https://${event.requestContext.domainName}`;
  const api = apiOf({ ...context, settings: { ...settingsOf(context.settings), endpoint } });
  return toFunctionUrl(await api(fromFunctionUrl(event)));
});

/** Without `endpoint`, which throws where it is unknown. */
function settingsOf(settings: Omit<Settings, 'endpoint'>): Omit<Settings, 'endpoint'> {
  const { awsQuotas, nodeEndpoint, filesEndpoint, logsEndpoint, pendingInvocations, largestParameter } = settings;
  return { awsQuotas, nodeEndpoint, filesEndpoint, logsEndpoint, pendingInvocations, largestParameter };
}
