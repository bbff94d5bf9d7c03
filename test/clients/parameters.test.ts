/** Parameter Store through boto3 and the AWS CLI, as scripts use it. */
import { execFile, execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

const present = (program: string, ...argv: string[]): boolean => {
  try {
    execFileSync(program, argv, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

function run(program: string, argv: string[]): Promise<{ readonly out: string; readonly error: string }> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: door.folder,
    AWS_ENDPOINT_URL: door.endpoint,
    AWS_ACCESS_KEY_ID: door.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: door.credentials.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_PAGER: '',
  };
  return new Promise((resolve) => {
    execFile(program, argv, { env }, (_error, out, stderr) => resolve({ out, error: stderr }));
  });
}

describe.skipIf(!present('python3', '-c', 'import boto3'))('boto3', () => {
  test('a tree of parameters: put, paged through by path, described, read by label; errors by class and text', async () => {
    const { out, error } = await run('python3', [
      '-c',
      `
import json, boto3
ssm = boto3.client('ssm')
for number in range(25):
    ssm.put_parameter(Name=f'/app/web/p{number:02}', Value=f'välue {number}', Type='String', Tags=[{'Key': 'app', 'Value': 'web'}])
ssm.put_parameter(Name='/app/secret', Value='s', Type='SecureString', Tier='Advanced')
ssm.put_parameter(Name='/app/web/p00', Value='next', Overwrite=True)
ssm.label_parameter_version(Name='/app/web/p00', ParameterVersion=1, Labels=['stable'])
def error(call, kind):
    try:
        call()
    except kind as e:
        return e.response['Error']['Message']
pages = [[p['Name'] for p in page['Parameters']] for page in ssm.get_paginator('get_parameters_by_path').paginate(Path='/app', Recursive=True)]
print(json.dumps({
  'pages': [len(page) for page in pages],
  'sorted': sum(pages, []) == sorted(sum(pages, [])),
  'label': ssm.get_parameter(Name='/app/web/p00:stable')['Parameter']['Value'],
  'secret': ssm.get_parameter(Name='/app/secret', WithDecryption=True)['Parameter']['Value'],
  'tagged': len(ssm.describe_parameters(ParameterFilters=[{'Key': 'tag:app', 'Values': ['web']}], MaxResults=50)['Parameters']),
  'advanced': [p['Name'] for p in ssm.describe_parameters(ParameterFilters=[{'Key': 'Tier', 'Values': ['Advanced']}])['Parameters']],
  'missing': error(lambda: ssm.get_parameter(Name='/nobody'), ssm.exceptions.ParameterNotFound),
  'exists': error(lambda: ssm.put_parameter(Name='/app/secret', Value='s', Type='SecureString'), ssm.exceptions.ParameterAlreadyExists),
  'version': error(lambda: ssm.get_parameter(Name='/app/secret:9'), ssm.exceptions.ParameterVersionNotFound),
  'deleted': ssm.delete_parameters(Names=['/app/secret', '/nobody'])['InvalidParameters'],
}))`,
    ]);
    expect(error).toBe('');
    expect(JSON.parse(out)).toEqual({
      pages: [10, 10, 6],
      sorted: true,
      label: 'välue 0',
      secret: 's',
      tagged: 25,
      advanced: ['/app/secret'],
      missing: 'Parameter /nobody not found.',
      exists: 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      version: 'Systems Manager could not find version 9 of /app/secret. Verify the version and try again.',
      deleted: ['/nobody'],
    });
  });
});

describe.skipIf(!present('aws', '--version'))('the AWS CLI', () => {
  const aws = async (...argv: string[]) => {
    const { out, error } = await run('aws', ['ssm', ...argv, '--output', 'json']);
    return error === '' ? (JSON.parse(out || '{}') as Record<string, unknown>) : error.trim();
  };

  test('put, get, history, delete, and a refusal as people see it', async () => {
    expect(await aws('put-parameter', '--name', 'cli', '--value', 'one', '--type', 'String')).toEqual({
      Version: 1,
      Tier: 'Standard',
    });
    expect(await aws('put-parameter', '--name', 'cli', '--value', 'two', '--overwrite')).toEqual({
      Version: 2,
      Tier: 'Standard',
    });
    expect(await aws('get-parameter', '--name', 'cli:1', '--query', 'Parameter.[Value,Selector,ARN]')).toEqual([
      'one',
      ':1',
      'arn:aws:ssm:us-east-1:123456789012:parameter/cli',
    ]);
    expect(await aws('get-parameter-history', '--name', 'cli', '--query', 'Parameters[].Value')).toEqual([
      'one',
      'two',
    ]);
    expect(
      await aws(
        'get-parameter',
        '--name',
        '/aws/service/global-infrastructure/regions/eu-central-1/longName',
        '--query',
        'Parameter.Value',
      ),
    ).toBe('Europe (Frankfurt)');
    expect(await aws('delete-parameter', '--name', 'cli')).toEqual({});
    expect(await aws('get-parameter', '--name', 'cli')).toMatch(
      /An error occurred \(ParameterNotFound\) when calling the GetParameter operation: Parameter cli not found\./,
    );
  });
});
