/** AWS's own JavaScript clients, one for each service, against the front door: both ways over the wire. */
import {
  AppConfigClient,
  CreateApplicationCommand,
  CreateHostedConfigurationVersionCommand,
  GetDeploymentCommand,
  ListTagsForResourceCommand as ListAppConfigTagsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-appconfig';
import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata';
import { GetTagsCommand, ResourceGroupsClient, TagCommand } from '@aws-sdk/client-resource-groups';
import {
  DescribeAvailablePatchesCommand,
  GetInventoryCommand,
  InvalidInstanceId,
  PutInventoryCommand,
  SendCommandCommand,
  SSMClient,
  SSMServiceException,
  waitUntilCommandExecuted,
} from '@aws-sdk/client-ssm';
import { GetContactCommand, SSMContactsClient } from '@aws-sdk/client-ssm-contacts';
import { ListTagsForResourceCommand, SSMIncidentsClient, StartIncidentCommand } from '@aws-sdk/client-ssm-incidents';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiError, InvalidInstanceId as InvalidInstance } from '../../core/errors.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

class NotFound extends ApiError {
  override readonly code = 'ResourceNotFoundException';
}

/** What the operations were given. */
let inputs: object[] = [];
const answer =
  (output: object) =>
  async (input: object): Promise<object> => {
    inputs.push(input);
    return output;
  };

const when = new Date('2026-01-02T03:04:05.678Z');
const wholeSecond = new Date('2026-01-02T03:04:05Z');
const arn = 'arn:aws:appconfig:us-east-1:123456789012:application/abc1234';
let polls = 0;

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor({
    tables: {
      operations: {
        ssm: {
          SendCommand: answer({
            Command: { CommandId: 'c', RequestedDateTime: when, TargetCount: 2, Parameters: { commands: ['id'] } },
          }),
          PutInventory: answer({ Message: 'ok' }),
          GetInventory: () => Promise.reject(new InvalidInstance('not here')),
          DescribeAvailablePatches: answer({ Patches: [{ Id: 'p', ReleaseDate: when, CVEIds: ['CVE-1'] }] }),
          GetCommandInvocation: async () => ({ CommandId: 'c', Status: ++polls < 3 ? 'InProgress' : 'Success' }),
        },
        'ssm-contacts': {
          GetContact: answer({
            ContactArn: 'arn:aws:ssm-contacts:us-east-1:123456789012:contact/a',
            Alias: 'a',
            Type: 'PERSONAL',
            Plan: { Stages: [{ DurationInMinutes: 5, Targets: [] }] },
          }),
        },
        'ssm-incidents': {
          StartIncident: answer({ incidentRecordArn: 'arn:aws:ssm-incidents::123456789012:incident-record/a/b' }),
          ListTagsForResource: answer({ tags: { a: 'incident' } }),
        },
        appconfig: {
          CreateApplication: answer({ Id: 'abc1234', Name: 'é' }),
          CreateHostedConfigurationVersion: answer({
            ApplicationId: 'abc1234',
            VersionNumber: 7,
            Description: 'zwei\nZeilen é',
            ContentType: 'application/json',
            Content: new TextEncoder().encode('{"a":1}'),
          }),
          GetDeployment: () => Promise.reject(new NotFound('no such deployment', { ResourceName: 'Deployment' })),
          ListTagsForResource: answer({ Tags: { a: 'appconfig' } }),
        },
        appconfigdata: {
          StartConfigurationSession: answer({ InitialConfigurationToken: 'token' }),
          GetLatestConfiguration: answer({
            NextPollConfigurationToken: 'next',
            NextPollIntervalInSeconds: 60,
            ContentType: 'text/plain',
            Configuration: new TextEncoder().encode('hello'),
          }),
        },
        'resource-groups': {
          Tag: answer({ Arn: 'a', Tags: { b: 'c' } }),
          GetTags: answer({ Arn: 'a', Tags: { a: 'group' } }),
        },
        sts: {
          GetCallerIdentity: answer({
            UserId: 'u',
            Account: '123456789012',
            Arn: 'arn:aws:iam::123456789012:user/<&>',
          }),
        },
      },
      extensions: {},
    },
  });
});
afterAll(() => door.close());
beforeEach(() => {
  inputs = [];
});

const config = () => ({ endpoint: door.endpoint, region: 'us-east-1', credentials: { ...door.credentials } });

describe('ssm', () => {
  test('commands, times and errors', async () => {
    const client = new SSMClient(config());
    const { Command } = await client.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        Targets: [{ Key: 'tag:é', Values: ['ü 1'] }],
        Parameters: { commands: ['echo "ä"'] },
        TimeoutSeconds: 60,
      }),
    );
    expect(inputs).toEqual([
      {
        DocumentName: 'AWS-RunShellScript',
        Targets: [{ Key: 'tag:é', Values: ['ü 1'] }],
        Parameters: { commands: ['echo "ä"'] },
        TimeoutSeconds: 60,
      },
    ]);
    expect(Command).toMatchObject({
      CommandId: 'c',
      RequestedDateTime: when,
      TargetCount: 2,
      Parameters: { commands: ['id'] },
    });
    expect((await client.send(new DescribeAvailablePatchesCommand({}))).Patches).toEqual([
      { Id: 'p', ReleaseDate: when, CVEIds: ['CVE-1'] },
    ]);
    const error: unknown = await client.send(new GetInventoryCommand({})).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidInstanceId);
    expect(error).toMatchObject({
      message: 'not here',
      $fault: 'client',
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
    });
  });

  test('maps of lists, and constraints in AWS’s words', async () => {
    const client = new SSMClient(config());
    await client.send(
      new PutInventoryCommand({
        InstanceId: 'i-12345678',
        Items: [
          {
            TypeName: 'AWS:Application',
            SchemaVersion: '1.1',
            CaptureTime: '2026-01-02T03:04:05Z',
            Content: [{ Name: 'bash' }],
          },
        ],
      }),
    );
    expect(inputs).toMatchObject([{ Items: [{ Content: [{ Name: 'bash' }] }] }]);
    const error: unknown = await client
      .send(new PutInventoryCommand({ InstanceId: 'x', Items: [] }))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SSMServiceException);
    expect(error).toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(
        /^2 validation errors detected: Value 'x' at 'instanceId' failed .*; Value '\[\]' at 'items' failed/,
      ) as string,
    });
  });

  test('the waiter that scripts use', async () => {
    const result = await waitUntilCommandExecuted(
      { client: new SSMClient(config()), maxWaitTime: 30, minDelay: 0.01, maxDelay: 0.02 },
      { CommandId: '11111111-2222-3333-4444-555555555555', InstanceId: 'i-12345678' },
    );
    expect([result.state, polls]).toEqual(['SUCCESS', 3]);
  });
});

test('ssm-contacts', async () => {
  const client = new SSMContactsClient(config());
  const contact = await client.send(
    new GetContactCommand({ ContactId: 'arn:aws:ssm-contacts:us-east-1:123456789012:contact/a' }),
  );
  expect(contact).toMatchObject({ Alias: 'a', Plan: { Stages: [{ DurationInMinutes: 5 }] } });
});

test('ssm-incidents', async () => {
  const client = new SSMIncidentsClient(config());
  const responsePlanArn = 'arn:aws:ssm-incidents::123456789012:response-plan/p';
  await client.send(
    new StartIncidentCommand({
      responsePlanArn,
      triggerDetails: { source: 'aws.test', timestamp: when, rawData: '{}' },
    }),
  );
  expect(inputs).toMatchObject([{ responsePlanArn, triggerDetails: { source: 'aws.test', timestamp: when } }]);
  expect((await client.send(new ListTagsForResourceCommand({ resourceArn: responsePlanArn }))).tags).toEqual({
    a: 'incident',
  });
});

test('appconfig: labels, headers, a body that is a blob, modelled errors', async () => {
  const client = new AppConfigClient(config());
  expect(
    (await client.send(new CreateApplicationCommand({ Name: 'é', Tags: { a: 'b' } }))).$metadata.httpStatusCode,
  ).toBe(201);
  const version = await client.send(
    new CreateHostedConfigurationVersionCommand({
      ApplicationId: 'abc1234',
      ConfigurationProfileId: 'def5678',
      Content: new TextEncoder().encode('{"b":2}'),
      ContentType: 'application/json',
      LatestVersionNumber: 6,
      Description: 'eins',
    }),
  );
  expect(inputs[1]).toMatchObject({
    ApplicationId: 'abc1234',
    ConfigurationProfileId: 'def5678',
    ContentType: 'application/json',
    LatestVersionNumber: 6,
    Description: 'eins',
  });
  expect(Buffer.from((inputs[1] as { Content: Uint8Array }).Content).toString()).toBe('{"b":2}');
  expect(version).toMatchObject({ VersionNumber: 7, ContentType: 'application/json', ApplicationId: 'abc1234' });
  expect(Buffer.from(version.Content ?? []).toString()).toBe('{"a":1}');
  const error: unknown = await client
    .send(new GetDeploymentCommand({ ApplicationId: 'abc1234', EnvironmentId: 'def5678', DeploymentNumber: 1 }))
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ResourceNotFoundException);
  expect(error).toMatchObject({
    message: 'no such deployment',
    ResourceName: 'Deployment',
    $metadata: { httpStatusCode: 404 },
  });
  expect((await client.send(new ListAppConfigTagsCommand({ ResourceArn: arn }))).Tags).toEqual({ a: 'appconfig' });
});

test('appconfigdata', async () => {
  const client = new AppConfigDataClient(config());
  expect(
    (
      await client.send(
        new StartConfigurationSessionCommand({
          ApplicationIdentifier: 'a',
          EnvironmentIdentifier: 'b',
          ConfigurationProfileIdentifier: 'c',
        }),
      )
    ).InitialConfigurationToken,
  ).toBe('token');
  const latest = await client.send(new GetLatestConfigurationCommand({ ConfigurationToken: 'to%ken/+=' }));
  expect(inputs[1]).toEqual({ ConfigurationToken: 'to%ken/+=' });
  expect(latest).toMatchObject({
    NextPollConfigurationToken: 'next',
    NextPollIntervalInSeconds: 60,
    ContentType: 'text/plain',
  });
  expect(Buffer.from(latest.Configuration ?? []).toString()).toBe('hello');
});

test('resource-groups', async () => {
  const client = new ResourceGroupsClient(config());
  const Arn = 'arn:aws:resource-groups:us-east-1:123456789012:group/a';
  await client.send(new TagCommand({ Arn, Tags: { b: 'c' } }));
  expect(inputs).toEqual([{ Arn, Tags: { b: 'c' } }]);
  expect((await client.send(new GetTagsCommand({ Arn }))).Tags).toEqual({ a: 'group' });
});

test('sts, and keys that are not known there', async () => {
  expect(await new STSClient(config()).send(new GetCallerIdentityCommand({}))).toMatchObject({
    UserId: 'u',
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/<&>',
  });
  const stranger = new STSClient({
    ...config(),
    credentials: { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' },
  });
  await expect(stranger.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
    $metadata: { httpStatusCode: 403 },
  });
});

test('a whole second and a millisecond survive ISO 8601 and epoch seconds', async () => {
  const { encoders } = await import('../../functions/api/shapes/encode.ts');
  const { decoders } = await import('../../functions/api/shapes/decode.ts');
  for (const timestampFormat of ['iso8601', 'unixTimestamp'] as const) {
    const shapes = { T: { type: 'timestamp', timestampFormat } } as const;
    for (const date of [when, wholeSecond])
      expect(decoders({ shapes })('T')(encoders({ shapes })('T')(date))).toEqual(date);
  }
});
