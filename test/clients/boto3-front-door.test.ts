/** boto3 against the front door: another maker's signer, serializer and parser. */
import { execFile, execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

const version = (() => {
  try {
    return execFileSync('python3', ['-c', 'import boto3; print(boto3.__version__)'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch {
    return undefined;
  }
})();

let door: FrontDoor;
let inputs: object[];
beforeAll(async () => {
  inputs = [];
  const answer = (output: object) => async (input: object) => {
    inputs.push(input);
    return output;
  };
  door = await openFrontDoor({
    tables: {
      operations: {
        ssm: { SendCommand: answer({ Command: { CommandId: 'c', RequestedDateTime: new Date(1_700_000_000_123) } }) },
        'ssm-incidents': {
          GetResponsePlan: answer({ arn: 'a', name: 'n', incidentTemplate: { title: 't', impact: 1 } }),
        },
        'ssm-contacts': { ListContacts: answer({ Contacts: [] }) },
        appconfig: {
          CreateHostedConfigurationVersion: answer({
            VersionNumber: 1,
            Description: 'é',
            Content: new TextEncoder().encode('x'),
          }),
          UntagResource: answer({}),
          ListTagsForResource: answer({ Tags: { a: 'b' } }),
        },
        appconfigdata: {
          GetLatestConfiguration: answer({
            Configuration: new TextEncoder().encode('x'),
            NextPollIntervalInSeconds: 5,
          }),
        },
        'resource-groups': { ListGroups: answer({ GroupIdentifiers: [] }) },
        'ssm-quicksetup': { ListConfigurationManagers: answer({ ConfigurationManagersList: [] }) },
        sts: { GetCallerIdentity: answer({ UserId: 'u', Account: '1', Arn: 'a' }) },
      },
      extensions: {},
    },
  });
});
afterAll(() => door.close());

/** Runs Python with `client(service)` at hand; it prints one JSON value. */
function python(script: string): Promise<unknown> {
  const prelude = `
import json, os, boto3
from botocore.exceptions import ClientError
from botocore.config import Config
client = lambda service, **more: boto3.client(service, endpoint_url=os.environ['ENDPOINT'], region_name='us-east-1', config=Config(retries={'max_attempts': 1}, parameter_validation=False), **more)
`;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: door.folder,
    ENDPOINT: door.endpoint,
    AWS_ACCESS_KEY_ID: door.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: door.credentials.secretAccessKey,
  };
  return new Promise((resolve, reject) => {
    execFile('python3', ['-c', prelude + script], { env }, (error, out, stderr) =>
      error === null ? resolve(JSON.parse(out)) : reject(new Error(stderr)),
    );
  });
}

describe.skipIf(version === undefined)(`boto3 (${version?.trim() ?? 'absent'})`, () => {
  test('ssm: a command and its time', async () => {
    const answer = await python(`
command = client('ssm').send_command(DocumentName='AWS-RunShellScript', Targets=[{'Key': 'tag:a', 'Values': ['ü']}])['Command']
print(json.dumps([command['CommandId'], command['RequestedDateTime'].timestamp()]))`);
    expect(answer).toEqual(['c', 1_700_000_000.123]);
    expect(inputs.at(-1)).toEqual({ DocumentName: 'AWS-RunShellScript', Targets: [{ Key: 'tag:a', Values: ['ü'] }] });
  });

  test('REST: labels, queries, headers, blobs', async () => {
    const answer = await python(`
config = client('appconfig')
made = config.create_hosted_configuration_version(ApplicationId='abc1234', ConfigurationProfileId='def5678', Content=b'{"a":1}', ContentType='application/json')
arn = 'arn:aws:appconfig:us-east-1:123456789012:application/abc1234'
config.untag_resource(ResourceArn=arn, TagKeys=['a b', 'c/d', 'e+f'])
latest = client('appconfigdata').get_latest_configuration(ConfigurationToken='a+b/c%=d')
plan = client('ssm-incidents').get_response_plan(arn='arn:aws:ssm-incidents::123456789012:response-plan/p')
print(json.dumps([made['VersionNumber'], made['Content'].read().decode(), config.list_tags_for_resource(ResourceArn=arn)['Tags'], latest['Configuration'].read().decode(), latest['NextPollIntervalInSeconds'], plan['incidentTemplate']['title'],
  client('ssm-contacts').list_contacts()['Contacts'], client('resource-groups').list_groups()['GroupIdentifiers'], client('ssm-quicksetup').list_configuration_managers()['ConfigurationManagersList'], client('sts').get_caller_identity()['Arn']]))`);
    expect(answer).toEqual([1, 'x', { a: 'b' }, 'x', 5, 't', [], [], [], 'a']);
    expect(inputs).toContainEqual({
      ResourceArn: 'arn:aws:appconfig:us-east-1:123456789012:application/abc1234',
      TagKeys: ['a b', 'c/d', 'e+f'],
    });
    expect(inputs).toContainEqual({ ConfigurationToken: 'a+b/c%=d' });
  });

  test('errors: constraint, wrong secret, wrong Region, nothing there', async () => {
    const answer = await python(`
def error(call):
    try:
        call()
    except ClientError as e:
        return [e.response['Error']['Code'], e.response['ResponseMetadata']['HTTPStatusCode']]
print(json.dumps([
  error(lambda: client('ssm').send_command()),
  error(lambda: client('ssm', aws_secret_access_key='x', aws_access_key_id=os.environ['AWS_ACCESS_KEY_ID']).send_command(DocumentName='abc')),
  error(lambda: boto3.client('ssm', endpoint_url=os.environ['ENDPOINT'], region_name='eu-west-1').send_command(DocumentName='abc')),
  error(lambda: client('ssm').list_documents()),
  error(lambda: client('appconfig').list_applications()),
  error(lambda: client('sts', aws_secret_access_key='x', aws_access_key_id=os.environ['AWS_ACCESS_KEY_ID']).get_caller_identity())]))`);
    expect(answer).toEqual([
      ['ValidationException', 400],
      ['InvalidSignatureException', 400],
      ['InvalidSignatureException', 400],
      ['UnknownOperationException', 400],
      ['UnknownOperationException', 404],
      ['SignatureDoesNotMatch', 403],
    ]);
  });
});

test.runIf(version === undefined)('boto3 is not installed: its tests were skipped', ({ skip }) => skip());
