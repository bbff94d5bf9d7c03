/** Names that every object has by inheritance, as every kind of name that a caller may choose. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonLog } from '../../../core/log.ts';
import { signRequest } from '../../../core/sigv4/sign.ts';
import { createApi } from '../../../functions/api/api.ts';
import { fromFunctionUrl } from '../../../functions/api/function-url.ts';
import { tables } from '../../../functions/api/tables.ts';
import { openFrontDoor, type FrontDoor } from '../../support/front-door.ts';
import { makeNode } from '../nodes/nodes-fixture.ts';

const names = ['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'];

let door: FrontDoor;
const faults: string[] = [];
beforeAll(async () => {
  door = await openFrontDoor({ log: jsonLog((line) => faults.push(line), 'error') });
});
afterAll(() => door.close());

/** JSON with a member of the name: in a literal `__proto__` would be something else. */
const withMember = (name: string, value: unknown) => `{${JSON.stringify(name)}:${JSON.stringify(value)}}`;

/** Answered in words: not by a fault of ours. */
async function refusedOrDone(operation: string, input: object | string): Promise<Record<string, unknown>> {
  const answer = await door.ssm(operation, input);
  expect([answer.status, faults], `${operation}: ${answer.text}`).toEqual([answer.status === 200 ? 200 : 400, []]);
  return answer.json;
}

describe.each(names)('%s', (name) => {
  test('as an operation, a target, an action and a path', async () => {
    for (const target of [`AmazonSSM.${name}`, `${name}.GetParameter`, `${name}.${name}`, name]) {
      const answer = await door.send({ headers: { 'x-amz-target': target }, body: '{}' });
      expect([answer.status, answer.json['__type']], target).toEqual([400, 'UnknownOperationException']);
      expect(answer.json['message']).toContain(target);
    }
    const form = await door.send({
      service: 'sts',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `Action=${name}&${name}=1`,
    });
    expect([form.status, form.text]).toEqual([400, expect.stringContaining('<Code>InvalidAction</Code>')]);
    for (const [service, path] of [
      ['flotilla', `/x/${name}`],
      ['flotilla', `/x/keys/${name}`],
      ['flotilla', `/x/commands/${name}/nodes/${name}/output`],
      ['appconfig', `/${name}`],
      [name, '/'],
    ] as const) {
      const answer = await door.send({ service, method: 'GET', path });
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.status, path).toBeLessThan(500);
    }
    expect(faults).toEqual([]);
  });

  test('as a header, signed or not, over HTTP and through a Function URL', async () => {
    const headers = signRequest({
      method: 'POST',
      url: `${door.endpoint}/`,
      headers: { 'x-amz-target': 'AmazonSSM.DescribeParameters', [name.toLowerCase()]: 'x' },
      body: '{}',
      credentials: door.credentials,
      region: 'us-east-1',
      service: 'ssm',
    });
    const { authorization = '', [name.toLowerCase()]: _absent, ...present } = headers;
    const signed = {
      ...present,
      authorization: authorization.replace(/SignedHeaders=[^,]*/, `SignedHeaders=host;${name}`),
    };
    const event = {
      rawPath: '/',
      rawQueryString: '',
      headers: signed,
      body: '{}',
      isBase64Encoded: false,
      requestContext: { http: { method: 'POST', sourceIp: '192.0.2.1' } },
    };
    const answer = await createApi(tables)(fromFunctionUrl(event as never), door.context);
    expect([answer.status, JSON.parse(answer.body as string)]).toMatchObject([
      400,
      { __type: 'InvalidSignatureException' },
    ]);
    expect((await fetch(door.endpoint, { method: 'POST', headers: signed, body: '{}' })).status).toBe(400);
    expect(faults).toEqual([]);
  });

  test('as a query parameter', async () => {
    const answer = await door.send({ service: 'appconfig', method: 'GET', path: `/applications?${name}=1&${name}` });
    expect(answer.status).toBeLessThan(500);
  });

  test('as members, filters, parameters and labels', async () => {
    await refusedOrDone('GetParameter', withMember(name, 'x'));
    await refusedOrDone('GetParameter', { Name: name });
    await refusedOrDone('GetParameters', { Names: [name, `/${name}/${name}`] });
    expect(await refusedOrDone('PutParameter', { Name: `/names/${name}`, Value: name, Type: 'String' })).toMatchObject({
      Version: 1,
    });
    await refusedOrDone('LabelParameterVersion', { Name: `/names/${name}`, Labels: [name] });
    expect(await refusedOrDone('GetParameter', { Name: `/names/${name}:${name}` })).toMatchObject({
      Parameter: { Value: name },
    });
    for (const Key of [name, `tag:${name}`, `Custom:${name}.${name}`, `AWS:Application.${name}`]) {
      await refusedOrDone('DescribeParameters', { ParameterFilters: [{ Key, Values: [name] }] });
      await refusedOrDone('DescribeInstanceInformation', { Filters: [{ Key, Values: [name] }] });
      await refusedOrDone('ListDocuments', { Filters: [{ Key, Values: [name] }] });
      await refusedOrDone('ListCommands', { Filters: [{ key: Key, value: name }] });
      await refusedOrDone('ListAssociations', { AssociationFilterList: [{ key: Key, value: name }] });
      await refusedOrDone('DescribePatchBaselines', { Filters: [{ Key, Values: [name] }] });
      await refusedOrDone('GetInventory', { Filters: [{ Key, Values: [name], Type: 'BeginWith' }] });
      await refusedOrDone('GetInventory', { Aggregators: [{ Expression: Key }] });
      await refusedOrDone('SendCommand', { DocumentName: 'AWS-RunShellScript', Targets: [{ Key, Values: [name] }] });
      await refusedOrDone('ListNodes', { Filters: [{ Key, Values: [name] }] });
    }
    await refusedOrDone('GetServiceSetting', { SettingId: name });
    await refusedOrDone('DescribeDocument', { Name: name });
  });

  test('as the parameter of a document', async () => {
    const parameters = withMember(name, { type: 'String', allowedPattern: '^[a-z]+$' });
    const step = { action: 'aws:runShellScript', name: 'say', inputs: { runCommand: [`echo {{ ${name} }}`] } };
    const Content = `{"schemaVersion":"2.2","parameters":${parameters},"mainSteps":${JSON.stringify([step])}}`;
    await refusedOrDone('CreateDocument', { Content, Name: `Doc-${name}`, DocumentType: 'Command' });
    const nodeId = await makeNode(door.context);
    const send = (given: string) =>
      refusedOrDone(
        'SendCommand',
        `{"DocumentName":${JSON.stringify(`Doc-${name}`)},"InstanceIds":["${nodeId}"],"Parameters":${given}}`,
      );
    expect(await send('{}')).toMatchObject({ __type: 'InvalidParameters' });
    expect(JSON.stringify(await send(withMember(name, ['A'])))).toContain('does not match the pattern');
    const sent = await send(withMember(name, ['abc']));
    const { Parameters } = sent['Command'] as { Parameters: object };
    expect(Object.getOwnPropertyDescriptor(Parameters, name)?.value).toEqual(['abc']);
    // Of a document that has no such parameter it is refused by its name.
    expect(
      await refusedOrDone(
        'SendCommand',
        `{"DocumentName":"AWS-RunShellScript","InstanceIds":["${nodeId}"],"Parameters":${withMember(name, ['x'])}}`,
      ),
    ).toMatchObject({ __type: 'InvalidParameters' });
  });

  test('as a tag', async () => {
    const resource = { ResourceType: 'Parameter', ResourceId: `/names/${name}` };
    await refusedOrDone('AddTagsToResource', { ...resource, Tags: [{ Key: name, Value: name }] });
    expect(await refusedOrDone('ListTagsForResource', resource)).toEqual({ TagList: [{ Key: name, Value: name }] });
    await refusedOrDone('RemoveTagsFromResource', { ...resource, TagKeys: [name] });
    expect(await refusedOrDone('ListTagsForResource', resource)).toEqual({ TagList: [] });
  });

  test('as a plugin, a step and an attribute of an inventory item', async () => {
    const content = (action: string) => ({ schemaVersion: '2.2', mainSteps: [{ action, name, inputs: {} }] });
    for (const action of [name, `aws:${name}`])
      expect(
        await refusedOrDone('CreateDocument', {
          Content: JSON.stringify(content(action)),
          Name: 'Odd',
          DocumentType: 'Command',
        }),
      ).toMatchObject({ __type: 'InvalidDocumentContent' });
    const InstanceId = await makeNode(door.context);
    const item = { TypeName: 'Custom:Odd', SchemaVersion: '1.0', CaptureTime: '2026-01-02T03:04:05Z' };
    await refusedOrDone(
      'PutInventory',
      `{"InstanceId":"${InstanceId}","Items":[${JSON.stringify(item).slice(0, -1)},"Content":[${withMember(name, 'x')}]}]}`,
    );
    await refusedOrDone('GetInventory', {
      Filters: [{ Key: `Custom:Odd.${name}`, Values: ['x'] }],
      ResultAttributes: [{ TypeName: 'Custom:Odd' }],
    });
  });
});
