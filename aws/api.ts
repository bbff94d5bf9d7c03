/** The API as a Lambda function behind a Function URL. */
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { createApi } from '../functions/api/api.ts';
import { fromFunctionUrl, toFunctionUrl } from '../functions/api/function-url.ts';
import { redirectToStored } from '../functions/api/stored-file.ts';
import { tables } from '../functions/api/tables.ts';
import type { Settings } from '../core/context.ts';
import { entry } from './lambda.ts';

const api = createApi(tables);

export const handler = entry<LambdaFunctionURLEvent, LambdaFunctionURLResult>('api', async (event, context) => {
  // A function cannot be told its own URL when it is made.
  const endpoint = context.environment.endpoint ?? `https://${event.requestContext.domainName}`;
  const answer = await api(fromFunctionUrl(event), {
    ...context,
    settings: { ...settingsOf(context.settings), endpoint },
  });
  return toFunctionUrl(await redirectToStored(answer, context.files));
});

/** Without `endpoint`, which throws where it is not known. */
function settingsOf(settings: Omit<Settings, 'endpoint'>): Omit<Settings, 'endpoint'> {
  const { awsQuotas, nodeEndpoint, filesEndpoint, logsEndpoint, pendingInvocations, largestParameter } = settings;
  return { awsQuotas, nodeEndpoint, filesEndpoint, logsEndpoint, pendingInvocations, largestParameter };
}
