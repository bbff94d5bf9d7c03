import http from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { issueKey } from '../../../core/access-keys.ts';
import { jsonLog } from '../../../core/log.ts';
import { isConnected, pendingMessages } from '../../../functions/nodes/index.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { makeNode } from '../nodes/nodes-fixture.ts';
import { leaveMessage, NodeClient, openGateway, type OpenGateway } from './gateway-fixture.ts';

let fixture: TestContext;
let open: OpenGateway;
let nodeId: string;
let node: NodeClient;
const logged: string[] = [];

beforeEach(async () => {
  logged.length = 0;
  fixture = testContext({ log: jsonLog((line) => logged.push(line), 'warn') });
  open = await openGateway(fixture);
  nodeId = await makeNode(fixture.context);
  node = await NodeClient.of(fixture, open, nodeId);
});
afterEach(async () => {
  await open.close();
  await fixture.close();
});

interface Messages {
  readonly Destination: string;
  readonly MessagesRequestId: string;
  readonly Messages: readonly Record<string, string>[];
}

async function poll(visibility = 10, client = node): Promise<Messages> {
  const { status, body } = await client.messages('GetMessages', {
    Destination: client.nodeId,
    MessagesRequestId: 'request',
    VisibilityTimeoutInSeconds: visibility,
  });
  expect(status).toBe(200);
  return JSON.parse(body) as Messages;
}

describe('ec2messages', () => {
  test('a poll is given what waits, with nothing empty in it', async () => {
    const messageId = await leaveMessage(fixture.context, nodeId, 'hello');
    expect(await poll()).toEqual({
      Destination: nodeId,
      MessagesRequestId: 'request',
      Messages: [
        {
          CreatedDate: '2026-01-05T09:00:00.000Z',
          Destination: nodeId,
          MessageId: messageId,
          Payload: '{"text":"hello"}',
          PayloadDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          Topic: `aws.ssm.sendCommand.us-east-1.${nodeId}`,
        },
      ],
    });
  });

  test('a poll waits for what comes, and answers with nothing at its end', async () => {
    const waiting = poll();
    const messageId = await leaveMessage(fixture.context, nodeId, 'late');
    expect((await waiting).Messages[0]).toMatchObject({ MessageId: messageId });
    const begun = Date.now();
    expect((await poll()).Messages).toEqual([]);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(390);
  });

  test('a message of an unknown kind, or that cannot be rendered, holds up no other; a newer gateway has it at once', async () => {
    await open.close();
    open = await openGateway(fixture, {
      renderers: {
        command: async ({ text }: { text: string }) => {
          if (text === 'broken') throw new Error('no such row');
          return { topic: 'command', content: text };
        },
      },
    });
    node = await NodeClient.of(fixture, open, nodeId);
    const newer = await leaveMessage(fixture.context, nodeId, 'for the newer one', { kind: 'newer' });
    await leaveMessage(fixture.context, nodeId, 'broken');
    await leaveMessage(fixture.context, nodeId, 'good');
    const { Messages: messages } = await poll();
    expect(messages.map(({ Payload }) => Payload)).toEqual(['good']);
    await node.messages('AcknowledgeMessage', { MessageId: messages[0]!['MessageId'] });
    expect(await pendingMessages(fixture.context, nodeId)).toHaveLength(2);

    const newGateway = await openGateway(fixture, {
      renderers: { newer: async ({ text }: { text: string }) => ({ topic: 'newer', content: text }) },
    });
    const found = await poll(10, await NodeClient.of(fixture, newGateway, nodeId));
    expect(found.Messages).toMatchObject([{ MessageId: newer, Topic: 'newer', Payload: 'for the newer one' }]);
    await newGateway.close();
  });

  test('a newer poll of the node ends the one before', async () => {
    const first = poll();
    await vi.waitFor(async () => {
      const begun = Date.now();
      const second = poll();
      expect((await first).Messages).toEqual([]);
      expect(Date.now() - begun).toBeLessThan(300);
      await second;
    });
  });

  test('what is not acknowledged reappears after its visibility; what is, does not', async () => {
    const messageId = await leaveMessage(fixture.context, nodeId, 'again');
    expect((await poll(1)).Messages).toHaveLength(1);
    const hidden = await poll();
    expect(hidden.Messages).toEqual([]);
    await vi.waitFor(async () => expect((await poll(1)).Messages).toHaveLength(1));
    expect(await node.messages('AcknowledgeMessage', { MessageId: messageId })).toMatchObject({
      status: 200,
      body: '{}',
    });
    expect(open.deliveries).toEqual([{ nodeId, messageId }]);
    expect(await pendingMessages(fixture.context, nodeId)).toEqual([]);
  });

  test('two polls at once, at two gateways, are not given the same message', async () => {
    const second = await openGateway(fixture);
    try {
      for (let number = 0; number < 8; number++) await leaveMessage(fixture.context, nodeId, String(number));
      const elsewhere = await NodeClient.of(fixture, second, nodeId);
      const given = (await Promise.all([poll(), poll(10, elsewhere)])).flatMap((answer) =>
        answer.Messages.map((message) => message['MessageId']),
      );
      expect(given).toHaveLength(8);
      expect(new Set(given).size).toBe(8);
    } finally {
      await second.close();
    }
  });

  test('reports and failures reach the room whose message it was', async () => {
    const replied = `aws.ssm.1.${nodeId}`;
    await node.messages('SendReply', {
      MessageId: replied,
      ReplyId: 'reply-1',
      Payload: '{"documentStatus":"InProgress"}',
    });
    const failed = await leaveMessage(fixture.context, nodeId, 'unknown topic');
    await node.messages('FailMessage', { MessageId: failed, FailureType: 'InternalHandlerException' });
    expect(open.replies).toMatchObject([
      { nodeId, messageId: replied, replyId: 'reply-1', payload: { documentStatus: 'InProgress' } },
      {
        nodeId,
        messageId: failed,
        payload: {
          documentStatus: 'Failed',
          documentTraceOutput: expect.stringContaining('InternalHandlerException') as string,
        },
      },
    ]);
    const deleted = await leaveMessage(fixture.context, nodeId, 'x');
    await node.messages('DeleteMessage', { MessageId: deleted });
    expect(await pendingMessages(fixture.context, nodeId)).toEqual([]);
  });

  test('a node with a control channel is given its messages there alone', async () => {
    const channel = await node.connect();
    await vi.waitFor(async () => expect(await isConnected(fixture.context, nodeId)).toBe(true));
    const waiting = poll();
    await leaveMessage(fixture.context, nodeId, 'by the channel');
    channel.acknowledge(await channel.next());
    expect((await waiting).Messages).toEqual([]);
  });
});

describe('ec2messages refuses', () => {
  test("another node's messages, by destination and by id, and the log says so", async () => {
    const victim = await makeNode(fixture.context);
    const messageId = await leaveMessage(fixture.context, victim, 'not yours');
    const attempts = [
      await node.messages('GetMessages', {
        Destination: victim,
        MessagesRequestId: '1',
        VisibilityTimeoutInSeconds: 10,
      }),
      await node.messages('AcknowledgeMessage', { MessageId: messageId }),
      await node.messages('SendReply', { MessageId: messageId, ReplyId: '1', Payload: '{}' }),
      await node.messages('FailMessage', { MessageId: messageId, FailureType: 'x' }),
      await node.messages('DeleteMessage', { MessageId: messageId }),
    ];
    for (const { status, body } of attempts) {
      expect(status).toBe(400);
      expect(JSON.parse(body)).toMatchObject({ __type: 'AccessDeniedException' });
    }
    expect(logged.filter((line) => line.includes(victim))).toHaveLength(5);
    expect(await pendingMessages(fixture.context, victim)).toHaveLength(1);
    expect(open.replies).toEqual([]);
  });

  test.each([
    ['an unknown operation', 'Nothing', '{}', 'UnknownOperationException'],
    ['no JSON', 'GetMessages', '{', 'SerializationException'],
    ['a list', 'GetMessages', '[]', 'SerializationException'],
    ['absent members', 'GetMessages', '{}', 'SerializationException'],
    ['members of another type', 'AcknowledgeMessage', '{"MessageId":{}}', 'SerializationException'],
  ])('%s', async (_what, operation, body, code) => {
    const answer = await node.messages(operation, body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ __type: code });
  });

  test('ten megabytes, and the log says so', async () => {
    const answer = await node.messages(
      'SendReply',
      JSON.stringify({ MessageId: `aws.ssm.1.${nodeId}`, ReplyId: '1', Payload: 'x'.repeat(10_000_000) }),
    );
    expect(answer.status).toBe(413);
    expect(logged.join()).toContain('RequestEntityTooLargeException');
    expect(open.replies).toEqual([]);
  });

  test('people, strangers, and a call that is not signed', async () => {
    const key = await issueKey(fixture.context, { owner: { kind: 'person', name: 'mallory', role: 'admin' } });
    await fixture.state.transact(key.writes);
    const person = new NodeClient(open, nodeId, key);
    expect(JSON.parse((await person.messages('GetMessages', {})).body)).toMatchObject({
      __type: 'AccessDeniedException',
    });
    const stranger = new NodeClient(open, nodeId, {
      accessKeyId: 'ASIAAAAAAAAAAAAAAAAA',
      secretAccessKey: 'x',
      sessionToken: 'x',
    });
    expect(JSON.parse((await stranger.messages('GetMessages', {})).body)).toMatchObject({
      __type: 'UnrecognizedClientException',
    });
    const status = await new Promise((resolve, reject) => {
      const request = http.request(
        `http://127.0.0.1:${open.port}/`,
        { method: 'POST', headers: { 'x-amz-target': 'EC2WindowsMessageDeliveryService.GetMessages' } },
        (response) => resolve(response.resume().statusCode),
      );
      request.on('error', reject).end('{}');
    });
    expect(status).toBe(400);
    expect(logged.join()).toContain('MissingAuthenticationTokenException');
  });
});
