/** The front door over real HTTP: wording, statuses and shapes of shared rules, case by case. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiError } from '../../../core/errors.ts';
import { ConditionFailed, StateUnavailable } from '../../../core/state.ts';
import { presignUrl, signRequest } from '../../../core/sigv4/sign.ts';
import { openFrontDoor, type Answer, type FrontDoor } from '../../support/front-door.ts';

class ParameterNotFound extends ApiError {
  override readonly code = 'ParameterNotFound';
}
class ItemSizeLimitExceededException extends ApiError {
  override readonly code = 'ItemSizeLimitExceededException';
}
class ConflictException extends ApiError {
  override readonly code = 'ConflictException';
}
const thrower = (error: Error) => () => Promise.reject(error);

let door: FrontDoor;

beforeAll(async () => {
  door = await openFrontDoor({
    tables: {
      operations: {
        ssm: {
          GetParameter: async (input: { Name: string }) => ({
            Parameter: {
              Name: input.Name,
              Version: 3,
              LastModifiedDate: new Date(1_700_000_000_123),
              Secret: 'not in the model',
            },
          }),
          SendCommand: async (input: object) => ({ Command: { CommandId: 'c', ...input } }),
          PutParameter: async () => ({ Version: 1 }),
          GetDocument: thrower(new TypeError('secret detail')),
          GetParameters: thrower(new ParameterNotFound('no such parameter')),
          PutInventory: thrower(
            new ItemSizeLimitExceededException('too large', { TypeName: 'AWS:Application', Other: 1 }),
          ),
          AddTagsToResource: thrower(new ConditionFailed({ pk: 'a', sk: 'b' })),
          ListDocuments: thrower(new ConditionFailed({ pk: 'a', sk: 'b' })),
          ListCommands: thrower(new StateUnavailable('disk full')),
          RegisterManagedInstance: async () => ({ InstanceId: 'mi-0123456789abcdef0' }),
          UpdateInstanceInformation: async () => ({}),
        },
        'ssm-incidents': {
          GetReplicationSet: thrower(
            new ConflictException('conflict', {
              resourceIdentifier: 'a',
              resourceType: 'REPLICATION_SET',
              retryAfter: new Date(0),
            }),
          ),
        },
        appconfig: { ListApplications: async () => ({ Items: [] }) },
        sts: { GetCallerIdentity: async () => ({ Account: '1', Arn: 'a&b', UserId: 'u' }) },
      },
      extensions: {},
    },
  });
});

afterAll(() => door.close());

const typeOf = (answer: Answer): unknown[] => [
  answer.status,
  answer.json['__type'],
  answer.json['message'] ?? answer.json['Message'],
];

describe('JSON 1.1', () => {
  test('what the model names is decoded and encoded, nothing else', async () => {
    const answer = await door.ssm('GetParameter', { Name: 'a', Unknown: [], WithDecryption: null });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ Parameter: { Name: 'a', Version: 3, LastModifiedDate: 1_700_000_000.123 } });
    expect(answer.headers['content-type']).toBe('application/x-amz-json-1.1');
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    [
      '',
      [
        400,
        'ValidationException',
        "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
      ],
    ],
    [
      '{"Name":null}',
      [
        400,
        'ValidationException',
        "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
      ],
    ],
    ['{"Name":1}', [400, 'SerializationException', 'NUMBER_VALUE can not be converted to a String']],
    ['{"Name":true}', [400, 'SerializationException', 'TRUE_VALUE can not be converted to a String']],
    ['{"Name":{}}', [400, 'SerializationException', 'Start of structure or map found where not expected.']],
    ['{"Name":[]}', [400, 'SerializationException', 'Start of list found where not expected']],
    ['{"Name":"a"', [400, 'SerializationException', 'Unexpected end of input']],
    ['{"Name', [400, 'SerializationException', 'Unexpected end of input']],
    ['not json', [400, 'SerializationException', 'The request body is not valid JSON.']],
    ['[]', [400, 'SerializationException', 'Start of list found where not expected']],
    ['"text"', [400, 'SerializationException', 'Expected map or null']],
    [`{"x":${'['.repeat(1_000_000)}`, [400, 'SerializationException', 'The request is nested too deeply.']],
  ])('the body %.40s', async (body, expected) => {
    expect(typeOf(await door.ssm('GetParameter', body))).toEqual(expected);
  });

  test('other wrong types', async () => {
    const send = async (input: object) => typeOf(await door.ssm('SendCommand', { DocumentName: 'd', ...input }))[2];
    expect(await send({ TimeoutSeconds: '30' })).toBe('STRING_VALUE can not be converted to an Integer');
    expect(await send({ InstanceIds: 'i-1' })).toBe('Expected list or null');
    expect(await send({ Parameters: [] })).toBe('Start of list found where not expected');
    expect(await send({ Parameters: { a: 'b' } })).toBe('Expected list or null');
  });

  test('an unknown target, and an operation that is not registered', async () => {
    for (const target of [
      'AmazonSSM.NoSuchOperation',
      'AmazonSSM.DeleteParameter',
      'AmazonSSM.',
      'Nobody.GetParameter',
      'x',
    ]) {
      const answer = await door.send({ headers: { 'x-amz-target': target }, body: '{}' });
      expect([answer.status, answer.json], target).toEqual([
        400,
        {
          __type: 'UnknownOperationException',
          message: `Flotilla has no operation ${target}. Those that it has are listed in docs/coverage.md.`,
        },
      ]);
    }
  });

  test('errors keep their model’s member names and modelled members', async () => {
    expect((await door.ssm('GetParameters', { Names: ['a'] })).text).toBe(
      '{"__type":"ParameterNotFound","message":"no such parameter"}',
    );
    const answer = await door.ssm('PutInventory', {
      InstanceId: 'i-12345678',
      Items: [{ TypeName: 'AWS:Application', SchemaVersion: '1.0', CaptureTime: '2026-01-02T03:04:05Z' }],
    });
    expect(answer.json).toEqual({
      __type: 'ItemSizeLimitExceededException',
      Message: 'too large',
      TypeName: 'AWS:Application',
    });
  });

  test('the body cut off anywhere is a cut-off body', async () => {
    const body = '{"Name":"a\\u00e9","WithDecryption":false,"x":[1,-2.5e3,null]}';
    for (let at = 1; at < body.length; at++)
      expect(typeOf(await door.ssm('GetParameter', body.slice(0, at)))[2], body.slice(0, at)).toBe(
        'Unexpected end of input',
      );
  });

  test('a fault of ours shows nothing of itself', async () => {
    const answer = await door.ssm('GetDocument', { Name: 'AWS-Run' });
    expect([answer.status, answer.text]).toEqual([500, '{"__type":"InternalServerError"}']);
  });

  test('two writers of one row: TooManyUpdates where the operation models it', async () => {
    expect(
      typeOf(await door.ssm('AddTagsToResource', { ResourceType: 'Document', ResourceId: 'd', Tags: [] })).slice(0, 2),
    ).toEqual([400, 'TooManyUpdates']);
    expect((await door.ssm('ListDocuments', {})).status).toBe(500);
  });

  test('a state that cannot be written is told so that SDKs try again', async () => {
    expect(typeOf(await door.ssm('ListCommands', {})).slice(0, 2)).toEqual([503, 'ServiceUnavailableException']);
  });

  test('a body over 2 MB', async () => {
    const answer = await door.ssm('GetParameter', { Name: 'a', x: 'x'.repeat(2_097_152) });
    expect(typeOf(answer).slice(0, 2)).toEqual([413, 'RequestEntityTooLargeException']);
    expect((await door.ssm('GetParameter', { Name: 'a', x: 'x'.repeat(2_000_000) })).status).toBe(200);
  });
});

describe('authentication', () => {
  const target = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter' };
  const body = '{"Name":"a"}';

  test('none', async () => {
    expect(typeOf(await door.send({ headers: target, body, credentials: null }))).toEqual([
      400,
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
    ]);
    const rest = await door.send({ method: 'GET', path: '/applications', credentials: null });
    expect([rest.status, rest.headers['x-amzn-errortype'], rest.json['message']]).toEqual([
      403,
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
    ]);
  });

  test('malformed', async () => {
    const answer = await door.send({
      headers: { ...target, authorization: 'AWS4-HMAC-SHA256 Credential=a/20260102/us-east-1/ssm/aws4_request' },
      body,
      credentials: null,
    });
    expect(typeOf(answer).slice(0, 2)).toEqual([400, 'IncompleteSignatureException']);
    expect(answer.json['message']).toMatch(
      /^Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. /,
    );
  });

  test('unknown key', async () => {
    expect(
      typeOf(await door.ssm('GetParameter', body, { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' })),
    ).toEqual([400, 'UnrecognizedClientException', 'The security token included in the request is invalid.']);
  });

  test('wrong secret', async () => {
    expect(typeOf(await door.ssm('GetParameter', body, { ...door.credentials, secretAccessKey: 'x' }))).toEqual([
      400,
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ]);
  });

  test('a clock apart', async () => {
    const late = await door.send({ headers: target, body, date: new Date(Date.now() - 6 * 60_000) });
    expect(late.json['message']).toMatch(
      /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
    );
    const early = await door.send({ headers: target, body, date: new Date(Date.now() + 6 * 60_000) });
    expect(early.json['message']).toMatch(/^Signature not yet current: /);
  });

  test('another Region, another service', async () => {
    expect(typeOf(await door.send({ headers: target, body, region: 'eu-west-1' }))).toEqual([
      400,
      'InvalidSignatureException',
      'Credential should be scoped to a valid region. ',
    ]);
    expect(typeOf(await door.send({ headers: target, body, service: 'ec2' }))).toEqual([
      400,
      'InvalidSignatureException',
      "Credential should be scoped to correct service: 'ssm'. ",
    ]);
  });

  test('an expired token', async () => {
    const credentials = await door.keyForNode('mi-0123456789abcdef0', Date.now() - 1);
    expect(
      typeOf(await door.ssm('UpdateInstanceInformation', { InstanceId: 'mi-0123456789abcdef0' }, credentials)),
    ).toEqual([400, 'ExpiredTokenException', 'The security token included in the request is expired']);
  });

  test('a body other than the one that was hashed', async () => {
    const headers = signRequest({
      method: 'POST',
      url: `${door.endpoint}/`,
      headers: target,
      body,
      credentials: door.credentials,
      region: 'us-east-1',
      service: 'ssm',
    });
    const { host: _, ...sent } = headers;
    expect(typeOf(await door.send({ headers: sent, body: '{"Name":"b"}', credentials: null })).slice(0, 2)).toEqual([
      400,
      'InvalidSignatureException',
    ]);
    const unsigned = signRequest({
      method: 'POST',
      url: `${door.endpoint}/`,
      headers: target,
      payloadHash: 'UNSIGNED-PAYLOAD',
      credentials: door.credentials,
      region: 'us-east-1',
      service: 'ssm',
    });
    delete unsigned['host'];
    expect(typeOf(await door.send({ headers: unsigned, body, credentials: null })).slice(0, 2)).toEqual([
      400,
      'InvalidSignatureException',
    ]);
  });

  test('a target that is not signed', async () => {
    const { host: _, ...headers } = signRequest({
      method: 'POST',
      url: `${door.endpoint}/`,
      body,
      credentials: door.credentials,
      region: 'us-east-1',
      service: 'ssm',
    });
    expect(
      typeOf(await door.send({ headers: { ...headers, ...target }, body, credentials: null })).slice(0, 2),
    ).toEqual([400, 'InvalidSignatureException']);
  });

  test('RegisterManagedInstance alone needs none', async () => {
    const answer = await door.send({
      headers: { 'x-amz-target': 'AmazonSSM.RegisterManagedInstance' },
      body: '{"ActivationId":"a","ActivationCode":"b","PublicKey":"c"}',
      credentials: null,
    });
    expect(answer.json).toEqual({ InstanceId: 'mi-0123456789abcdef0' });
  });
});

describe('REST-JSON', () => {
  test('a path that is nobody’s', async () => {
    const answer = await door.send({ service: 'appconfig', method: 'GET', path: '/nothing/here' });
    expect([answer.status, answer.headers['x-amzn-errortype'], answer.text]).toEqual([
      404,
      'UnknownOperationException',
      '{"message":"Flotilla has no operation GET /nothing/here. Those that it has are listed in docs/coverage.md."}',
    ]);
  });

  test('errors take status and members from the model', async () => {
    const answer = await door.send({
      service: 'ssm-incidents',
      method: 'GET',
      path: `/getReplicationSet?arn=${encodeURIComponent('arn:aws:ssm-incidents::111122223333:replication-set/a')}`,
    });
    expect([answer.status, answer.headers['x-amzn-errortype'], answer.json]).toEqual([
      409,
      'ConflictException',
      { message: 'conflict', resourceIdentifier: 'a', resourceType: 'REPLICATION_SET', retryAfter: 0 },
    ]);
  });

  test('constraints of what stands in the query', async () => {
    const answer = await door.send({ service: 'appconfig', method: 'GET', path: '/applications?max_results=0' });
    expect([answer.status, answer.headers['x-amzn-errortype'], answer.json['Message']]).toEqual([
      400,
      'BadRequestException',
      "1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ]);
    const wrong = await door.send({ service: 'appconfig', method: 'GET', path: '/applications?max_results=x' });
    expect([wrong.status, wrong.headers['x-amzn-errortype'], wrong.json['message']]).toEqual([
      400,
      'SerializationException',
      'STRING_VALUE can not be converted to an Integer',
    ]);
    expect(
      (await door.send({ service: 'appconfig', method: 'GET', path: '/applications?max_results=5' })).json,
    ).toEqual({ Items: [] });
  });
});

describe('Query', () => {
  test('answers in XML, errors too', async () => {
    const answer = await door.send({
      service: 'sts',
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.headers['content-type']).toBe('text/xml');
    expect(answer.text).toMatch(
      /^<GetCallerIdentityResponse xmlns="https:\/\/sts.amazonaws.com\/doc\/2011-06-15\/"><GetCallerIdentityResult><Account>1<\/Account><Arn>a&#38;b<\/Arn><UserId>u<\/UserId><\/GetCallerIdentityResult><ResponseMetadata><RequestId>/,
    );
    const unknown = await door.send({ service: 'sts', body: 'Action=Nothing' });
    expect([unknown.status, unknown.text]).toEqual([
      400,
      expect.stringContaining(
        '<Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Flotilla has no operation Nothing.',
      ),
    ]);
    const wrong = await door.send({
      service: 'sts',
      body: 'Action=GetCallerIdentity',
      credentials: { ...door.credentials, secretAccessKey: 'x' },
    });
    expect([wrong.status, wrong.text]).toEqual([403, expect.stringContaining('<Code>SignatureDoesNotMatch</Code>')]);
  });
});

test('a presigned GetCallerIdentity proves who made it, until its time is over', async () => {
  const url = (date: Date): string =>
    presignUrl({
      method: 'GET',
      url: `${door.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15`,
      credentials: door.credentials,
      region: 'us-east-1',
      service: 'sts',
      expiresIn: 60,
      date,
    });
  const good = await fetch(url(new Date()));
  expect([good.status, await good.text()]).toEqual([200, expect.stringContaining('<UserId>u</UserId>')]);
  const late = await fetch(url(new Date(Date.now() - 61_000)));
  expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Signature expired: ')]);
});

test('health is for anyone', async () => {
  expect((await door.send({ method: 'GET', path: '/health', credentials: null })).json).toEqual({ status: 'ok' });
});
