import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueKey } from '../../../core/access-keys.ts';
import { signRequest } from '../../../core/sigv4/sign.ts';
import { createApi } from '../../../functions/api/api.ts';
import { fromFunctionUrl, toFunctionUrl } from '../../../functions/api/function-url.ts';
import { redirectToStored } from '../../../functions/api/stored-file.ts';
import { testContext, type TestContext } from '../../support/context.ts';

let fixture: TestContext;
beforeAll(() => {
  fixture = testContext();
});
afterAll(() => fixture.close());

function event(method: string, url: string, headers: Record<string, string>, body?: string): LambdaFunctionURLEvent {
  const { pathname, search } = new URL(url);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers,
    isBase64Encoded: true,
    ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'id',

      domainName: 'id.lambda-url.us-east-1.on.aws',
      domainPrefix: 'id',
      http: { method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'r',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
  };
}

test('a signed request through a Function URL', async () => {
  const api = createApi({
    operations: {
      ssm: { SendCommand: async (input: object) => ({ Command: input }) },
      appconfigdata: {
        GetLatestConfiguration: async () => ({ Configuration: new Uint8Array([0, 255]), ContentType: 'text/plain' }),
      },
    },
    extensions: {},
  });
  const key = await issueKey(fixture.context, { owner: { kind: 'person', name: 'ada', role: 'admin' } });
  await fixture.state.transact(key.writes);
  const call = async (service: string, method: string, url: string, headers: Record<string, string>, body?: string) =>
    toFunctionUrl(
      await redirectToStored(
        await api(
          fromFunctionUrl(
            event(
              method,
              url,
              signRequest({ method, url, headers, body: body ?? '', credentials: key, region: 'us-east-1', service }),
              body,
            ),
          ),
          fixture.context,
        ),
        fixture.context.files,
      ),
    );

  const sent = await call(
    'ssm',
    'POST',
    'https://id.lambda-url.us-east-1.on.aws/',
    { 'x-amz-target': 'AmazonSSM.SendCommand' },
    '{"DocumentName":"é"}',
  );
  expect(sent).toMatchObject({ statusCode: 400, isBase64Encoded: false });
  const good = await call(
    'ssm',
    'POST',
    'https://id.lambda-url.us-east-1.on.aws/',
    { 'x-amz-target': 'AmazonSSM.SendCommand' },
    '{"DocumentName":"Doc"}',
  );
  expect(good).toMatchObject({ statusCode: 200, body: '{"Command":{"DocumentName":"Doc"}}' });
  const bytes = await call(
    'appconfig',
    'GET',
    'https://id.lambda-url.us-east-1.on.aws/configuration?configuration_token=a',
    {},
  );
  expect(bytes).toMatchObject({ statusCode: 200, isBase64Encoded: true, body: 'AP8=' });
  expect((bytes as { headers: object }).headers).toMatchObject({ 'content-type': 'text/plain' });
});
