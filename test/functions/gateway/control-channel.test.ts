import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeFrame } from '../../../core/agent-protocol/frame.ts';
import { jsonLog } from '../../../core/log.ts';
import { getNode, isConnected, pendingMessages, removeNode } from '../../../functions/nodes/index.ts';
import { LocalMailbox } from '../../../local/mailbox.ts';
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

describe('a control channel', () => {
  test('is answered 201 in XML, and opened with the token', async () => {
    const answer = await node.createChannel();
    expect(answer.status).toBe(201);
    expect(answer.body).toMatch(/<MessageSchemaVersion>1\.0<\/MessageSchemaVersion><TokenValue>.+<\/TokenValue>/);
    await node.connect();
    await vi.waitFor(async () =>
      expect(await getNode(fixture.context, nodeId)).toMatchObject({ connected: true, pingStatus: 'Online' }),
    );
  });

  test('carries what waited, and what is left later, oldest first', async () => {
    const first = await leaveMessage(fixture.context, nodeId, 'one');
    fixture.clock.advance(1);
    await leaveMessage(fixture.context, nodeId, 'two');
    const channel = await node.connect();
    const [one, two] = [await channel.next(), await channel.next()];
    expect(one).toMatchObject({
      messageType: 'agent_job',
      json: {
        SchemaVersion: 1,
        JobId: first,
        Topic: `aws.ssm.sendCommand.us-east-1.${nodeId}`,
        Content: '{"text":"one"}',
      },
    });
    expect(two.json['Content']).toBe('{"text":"two"}');
    channel.acknowledge(one);
    channel.acknowledge(two);
    await vi.waitFor(() =>
      expect(open.deliveries.map((delivery) => delivery.messageId)).toEqual([first, two.json['JobId']]),
    );
    await vi.waitFor(async () => expect(await pendingMessages(fixture.context, nodeId)).toEqual([]));
    await leaveMessage(fixture.context, nodeId, 'three');
    expect((await channel.next()).json['Content']).toBe('{"text":"three"}');
  });

  test('sends a job again until it is acknowledged, and no more after', async () => {
    const channel = await node.connect();
    await leaveMessage(fixture.context, nodeId, 'dropped');
    const first = await channel.next();
    const second = await channel.next();
    expect(second.json['JobId']).toBe(first.json['JobId']);
    channel.acknowledge(second);
    await vi.waitFor(async () => expect(await pendingMessages(fixture.context, nodeId)).toEqual([]));
    const after = channel.waiting;
    await leaveMessage(fixture.context, nodeId, 'next');
    for (let frame = await channel.next(); frame.json['Content'] !== '{"text":"next"}'; frame = await channel.next())
      expect(channel.waiting).toBeLessThanOrEqual(after);
  });

  test('finds a message although its wake was lost', async () => {
    const channel = await node.connect();
    await leaveMessage(fixture.context, nodeId, 'unheard', { wake: false });
    expect((await channel.next()).json['Content']).toBe('{"text":"unheard"}');
  });

  test.each(['51402', '51401'])('comes back later when the agent says %s', async (code) => {
    const channel = await node.connect();
    const messageId = await leaveMessage(fixture.context, nodeId, 'full');
    channel.acknowledge(await channel.next(), code);
    await vi.waitFor(() => expect(open.delays).toEqual([{ nodeId, messageId }]));
    expect(await pendingMessages(fixture.context, nodeId)).toHaveLength(1);
    const again = await channel.next();
    expect(again.json['JobId']).toBe(messageId);
    channel.acknowledge(again);
    await vi.waitFor(() => expect(open.deliveries).toHaveLength(1));
  });

  test('comes back at once when a report says that there is room', async () => {
    await open.close();
    open = await openGateway(fixture, { timing: { bufferFull: 60_000, resend: 60_000, round: 60_000 } });
    const channel = await (await NodeClient.of(fixture, open, nodeId)).connect();
    const running = await leaveMessage(fixture.context, nodeId, 'running');
    channel.acknowledge(await channel.next());
    const full = await leaveMessage(fixture.context, nodeId, 'full');
    channel.acknowledge(await channel.next(), '51402');
    await vi.waitFor(() => expect(open.delays).toHaveLength(1));
    channel.reply(running, { documentStatus: 'Success' });
    expect((await channel.next()).messageType).toBe('agent_job_reply_ack');
    expect((await channel.next()).json['JobId']).toBe(full);
  });

  test('takes 51405 for delivered, and any other refusal for a failure', async () => {
    const channel = await node.connect();
    const known = await leaveMessage(fixture.context, nodeId, 'known');
    channel.acknowledge(await channel.next(), '51405');
    await vi.waitFor(() => expect(open.deliveries).toEqual([{ nodeId, messageId: known }]));
    const refused = await leaveMessage(fixture.context, nodeId, 'refused');
    channel.acknowledge(await channel.next(), '51407');
    await vi.waitFor(() =>
      expect(open.replies).toMatchObject([
        {
          messageId: refused,
          payload: { documentStatus: 'Failed', documentTraceOutput: 'The agent refused the command: 51407 told' },
        },
      ]),
    );
    await vi.waitFor(async () => expect(await pendingMessages(fixture.context, nodeId)).toEqual([]));
  });

  test('acknowledges a report once it is recorded, and one that comes again too', async () => {
    const channel = await node.connect();
    const jobId = `aws.ssm.11111111-2222-4333-8444-555555555555.${nodeId}`;
    for (let time = 0; time < 2; time++) {
      const id = channel.reply(jobId, { documentStatus: 'Success' }, '0a0b0c0d-1111-4222-8333-444455556666');
      const acknowledged = await channel.next();
      expect(acknowledged).toMatchObject({
        messageType: 'agent_job_reply_ack',
        json: { jobId, acknowledgedMessageId: id },
      });
    }
    expect(open.replies[0]).toEqual({
      nodeId,
      messageId: jobId,
      replyId: '0a0b0c0d-1111-4222-8333-444455556666',
      payload: { documentStatus: 'Success' },
    });
  });

  test('does not acknowledge a report that could not be recorded', async () => {
    await open.close();
    let broken = true;
    const recorded: unknown[] = [];
    open = await openGateway(fixture, {
      recordReply: async (reply) => {
        if (broken) throw new Error('the disk is full');
        recorded.push(reply.payload);
      },
    });
    const channel = await (await NodeClient.of(fixture, open, nodeId)).connect();
    const jobId = `aws.ssm.1.${nodeId}`;
    channel.reply(jobId, { attempt: 1 });
    await vi.waitFor(() => expect(logged.join()).toContain('the disk is full'));
    broken = false;
    const id = channel.reply(jobId, { attempt: 2 });
    expect((await channel.next()).json['acknowledgedMessageId']).toBe(id);
    expect(recorded).toEqual([{ attempt: 2 }]);
  });

  test('drops a message that is void by now', async () => {
    const channel = await node.connect();
    await leaveMessage(fixture.context, nodeId, '', { kind: 'void' });
    await leaveMessage(fixture.context, nodeId, 'good');
    expect((await channel.next()).json['Content']).toBe('{"text":"good"}');
    expect((await pendingMessages(fixture.context, nodeId)).map((message) => message.kind)).toEqual(['command']);
  });

  test('leaves a message of a kind that it does not know to a newer gateway, which delivers it', async () => {
    const channel = await node.connect();
    const newer = await leaveMessage(fixture.context, nodeId, 'for the newer one', { kind: 'newer' });
    // Known to every object, and no kind either.
    await leaveMessage(fixture.context, nodeId, '', { kind: 'constructor' });
    await leaveMessage(fixture.context, nodeId, 'good');
    const good = await channel.next();
    expect(good.json['Content']).toBe('{"text":"good"}');
    channel.acknowledge(good);
    await vi.waitFor(async () =>
      expect((await pendingMessages(fixture.context, nodeId)).map(({ kind }) => kind).sort()).toEqual([
        'constructor',
        'newer',
      ]),
    );
    expect(logged.filter((line) => line.includes('left to a newer one'))).toHaveLength(2);

    const newGateway = await openGateway(fixture, {
      renderers: { newer: async ({ text }: { text: string }) => ({ topic: 'newer', content: text }) },
    });
    const fresh = await (await NodeClient.of(fixture, newGateway, nodeId)).connect();
    const job = await fresh.next();
    expect(job.json).toMatchObject({ JobId: newer, Topic: 'newer', Content: 'for the newer one' });
    fresh.acknowledge(job);
    await vi.waitFor(() => expect(newGateway.deliveries).toEqual([{ nodeId, messageId: newer }]));
    await newGateway.close();
  });

  test('gives way to a newer one of the same node', async () => {
    const old = await node.connect();
    await vi.waitFor(async () => expect(await isConnected(fixture.context, nodeId)).toBe(true));
    const fresh = await node.connect();
    expect((await old.closed).reason).toMatch(/another control channel/);
    await leaveMessage(fixture.context, nodeId, 'to the new one');
    expect((await fresh.next()).json['Content']).toBe('{"text":"to the new one"}');
    expect(await isConnected(fixture.context, nodeId)).toBe(true);
  });

  test('ends when the node is deregistered, and when the node goes its row goes', async () => {
    const channel = await node.connect();
    await vi.waitFor(async () => expect(await isConnected(fixture.context, nodeId)).toBe(true));
    await removeNode(fixture.context, nodeId, () => []);
    expect((await channel.closed).reason).toMatch(/deregistered/);

    const another = await makeNode(fixture.context);
    const brief = await (await NodeClient.of(fixture, open, another)).connect();
    await vi.waitFor(async () => expect(await isConnected(fixture.context, another)).toBe(true));
    brief.socket.terminate();
    await vi.waitFor(async () => expect(await isConnected(fixture.context, another)).toBe(false));
  });

  test('that answers no ping is dead', async () => {
    const socket = node.dial();
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ TokenValue: await node.token() }));
    await vi.waitFor(async () => expect(await isConnected(fixture.context, nodeId)).toBe(true));
    // Reads nothing any more, as a machine does that lost its network.
    socket.pause();
    await vi.waitFor(async () => expect(await isConnected(fixture.context, nodeId)).toBe(false));
    socket.terminate();
  });
});

describe('a control channel is refused', () => {
  const upgradeStatus = (socket: ReturnType<NodeClient['dial']>): Promise<number> =>
    new Promise((resolve, reject) => {
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        socket.terminate();
      });
      socket.on('open', () => reject(new Error('it was opened')));
      socket.on('error', () => undefined);
    });

  test('to another node, in the call and in the upgrade, and the log says so', async () => {
    const victim = await makeNode(fixture.context);
    const answer = await node.createChannel(victim);
    expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('<AccessDeniedException>') as string });
    expect(await upgradeStatus(node.dial(victim))).toBe(403);
    expect(logged.filter((line) => line.includes('AccessDeniedException'))).toHaveLength(2);
    expect(await isConnected(fixture.context, victim)).toBe(false);
  });

  test('without a signature, with a wrong one, and for sessions', async () => {
    expect(await upgradeStatus(node.dial(nodeId, false))).toBe(403);
    const impostor = new NodeClient(open, nodeId, {
      accessKeyId: 'ASIAAAAAAAAAAAAAAAAA',
      secretAccessKey: 'x',
      sessionToken: 'x',
    });
    expect(await upgradeStatus(impostor.dial())).toBe(403);
    expect((await impostor.createChannel()).body).toContain('<UnrecognizedClientException>');
    expect((await node.createChannel('a-session', 'data')).status).toBe(404);
  });

  test('with a token that was used, of another node, changed, absent or late', async () => {
    const spent = await node.token();
    await node.connect(spent);
    const another = await makeNode(fixture.context);
    const others = await (await NodeClient.of(fixture, open, another)).token();
    const [claim = '', mac = ''] = (await node.token()).split('.');
    const changed = `${Buffer.from(
      Buffer.from(claim, 'base64url')
        .toString()
        .replace(/ \d{13} /, ' 9999999999999 '),
    ).toString('base64url')}.${mac}`;
    for (const token of [spent, others, changed, 'nonsense'])
      expect((await (await node.connect(token)).closed).code).toBe(1008);

    const silent = node.dial();
    const code = await new Promise((resolve) => silent.once('close', resolve));
    expect(code).toBe(1008);
    expect(logged.filter((line) => line.includes('a control channel was refused'))).toHaveLength(5);
  });

  test('to a node that has been deregistered', async () => {
    await removeNode(fixture.context, nodeId, () => []);
    expect((await node.createChannel()).status).toBe(403);
    expect(await upgradeStatus(node.dial())).toBe(403);
  });
});

describe('whatever a node sends', () => {
  test("it is not taken for another node's", async () => {
    const victim = await makeNode(fixture.context);
    const messageId = await leaveMessage(fixture.context, victim, 'not yours');
    const channel = await node.connect();
    channel.send('agent_job_ack', { jobId: messageId, acknowledgedMessageId: '', statusCode: '200', errorMessage: '' });
    channel.reply(messageId, { documentStatus: 'Success' });
    await vi.waitFor(() =>
      expect(logged.filter((line) => line.includes('may not act on the message'))).toHaveLength(2),
    );
    expect(open.replies).toEqual([]);
    expect(open.deliveries).toEqual([]);
    expect(await pendingMessages(fixture.context, victim)).toHaveLength(1);
  });

  test('garbage is logged, and after ten pieces of it the channel ends; the gateway stays', async () => {
    const channel = await node.connect();
    const payload = (bytes: Buffer): Buffer =>
      encodeFrame({ messageType: 'agent_job_reply', messageId: crypto.randomUUID(), createdDate: 1, payload: bytes });
    for (const garbage of [
      Buffer.alloc(0),
      randomBytes(7),
      randomBytes(119),
      randomBytes(500),
      Buffer.alloc(200),
      payload(Buffer.from('{')),
      payload(Buffer.from('null')),
      payload(Buffer.from('[]')),
      payload(Buffer.from('{"jobId":7}')),
    ])
      channel.socket.send(garbage);
    channel.socket.send('a text');
    expect((await channel.closed).code).toBe(1008);
    const another = await node.connect();
    await leaveMessage(fixture.context, nodeId, 'still here');
    expect((await another.next()).json['Content']).toBe('{"text":"still here"}');
  });

  test('telemetry and reports that are no JSON do no harm', async () => {
    const channel = await node.connect();
    channel.send('agent_telemetry', { any: 'thing' });
    const id = channel.send('agent_job_reply', { jobId: `aws.ssm.1.${nodeId}`, content: 'no JSON', topic: '' });
    expect((await channel.next()).json['acknowledgedMessageId']).toBe(id);
    expect(open.replies).toEqual([]);
  });

  test('a frame above 142,000 bytes ends the channel, and the log says so', async () => {
    const channel = await node.connect();
    await vi.waitFor(async () => expect(await isConnected(fixture.context, nodeId)).toBe(true));
    channel.socket.send(Buffer.alloc(142_001));
    expect((await channel.closed).code).toBe(1009);
    expect(logged.join()).toContain('Max payload size exceeded');
  });
});

describe('two gateways over one state', () => {
  test('hand a node over, and both reach it by the mailbox', async () => {
    const second = await openGateway(fixture);
    try {
      const old = await node.connect();
      await vi.waitFor(async () => expect(await isConnected(fixture.context, nodeId)).toBe(true));
      const fresh = await (await NodeClient.of(fixture, second, nodeId)).connect();
      expect((await old.closed).reason).toMatch(/another control channel/);
      await leaveMessage(fixture.context, nodeId, 'over the second');
      const job = await fresh.next();
      expect(job.json['Content']).toBe('{"text":"over the second"}');
      fresh.acknowledge(job);
      await vi.waitFor(() => expect(second.deliveries).toHaveLength(1));
      expect(open.deliveries).toEqual([]);
      expect(await isConnected(fixture.context, nodeId)).toBe(true);
    } finally {
      await second.close();
    }
    expect(await isConnected(fixture.context, nodeId)).toBe(false);
  });

  test('hand a node over although the wake between them is lost', async () => {
    const second = await openGateway(fixture, { context: { ...fixture.context, mailbox: new LocalMailbox() } });
    try {
      const old = await node.connect();
      await vi.waitFor(async () => expect(await isConnected(fixture.context, nodeId)).toBe(true));
      await (await NodeClient.of(fixture, second, nodeId)).connect();
      expect((await old.closed).reason).toMatch(/another control channel/);
    } finally {
      await second.close();
    }
  });
});
