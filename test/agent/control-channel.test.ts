/** The control channel against a gateway of the test's own: it comes back by itself, and soon. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { ControlChannel } from '../../agent/control-channel.ts';
import { HttpClient } from '../../core/http-client.ts';
import type { ServiceClient } from '../../agent/service-client.ts';
import { decodeFrame, encodeFrame } from '../../core/agent-protocol/frame.ts';
import { silentLog } from '../../core/log.ts';
import { eventually } from '../support/flotilla-process.ts';

let server: Server;
let sockets: WebSocket[];
let received: { readonly messageType: string; readonly payload: Record<string, string> }[];
let answer: { readonly status: number; readonly body: string };
let channel: ControlChannel;
let http: HttpClient;
const events = {
  onJob: vi.fn(() => '200'),
  onReplyAcknowledged: vi.fn(),
  onOpen: vi.fn(),
  onClose: vi.fn(),
  onRefused: vi.fn(),
};

beforeEach(async () => {
  vi.clearAllMocks();
  sockets = [];
  received = [];
  answer = { status: 201, body: '<R><TokenValue>token</TokenValue></R>' };
  server = createServer();
  const gateway = new WebSocketServer({ server });
  gateway.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data, isBinary) => {
      if (!isBinary) return;
      const { messageType, payload } = decodeFrame(data as Buffer);
      received.push({ messageType, payload: JSON.parse(payload.toString()) as Record<string, string> });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const nodeEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  http = new HttpClient();
  const service = {
    http,
    registration: { nodeId: 'mi-1', nodeEndpoint },
    post: async () => {
      if (!server.listening) throw new Error('nobody there');
      return { status: answer.status, headers: {}, body: Buffer.from(answer.body) };
    },
    upgradeHeaders: async () => ({}),
  } as unknown as ServiceClient;
  channel = new ControlChannel(service, events, '1.2.3.4', silentLog);
});
afterEach(() => {
  channel.stop();
  http.close();
  for (const socket of sockets) socket.terminate();
  server.close();
});

const id = '73742fea-eea6-40e5-8d71-92be2de140c9';
const open = (count: number): Promise<WebSocket> =>
  eventually(`connection ${count}`, () => (events.onOpen.mock.calls.length >= count ? sockets[count - 1] : undefined));
const frame = (messageType: string, payload: object): Buffer =>
  encodeFrame({ messageType, messageId: id, createdDate: 1, payload: Buffer.from(JSON.stringify(payload)) });

test('a job is handed over and acknowledged with its code; acknowledgements come in, rubbish is survived', async () => {
  channel.start();
  const socket = await open(1);
  socket.send(Buffer.from('rubbish'));
  socket.send(frame('agent_job', { JobId: 'aws.ssm.c.mi-1', Topic: 'aws.ssm.sendCommand.r.mi-1', Content: '{}' }));
  const ack = await eventually('the acknowledgement', () => received[0]);
  expect(events.onJob).toHaveBeenCalledWith('aws.ssm.c.mi-1', 'aws.ssm.sendCommand.r.mi-1', '{}');
  expect(ack).toMatchObject({
    messageType: 'agent_job_ack',
    payload: { jobId: 'aws.ssm.c.mi-1', acknowledgedMessageId: id, statusCode: '200' },
  });
  socket.send(frame('agent_job_reply_ack', { jobId: 'aws.ssm.c.mi-1', acknowledgedMessageId: id }));
  await eventually('the reply acknowledged', () =>
    events.onReplyAcknowledged.mock.calls.length === 1 ? true : undefined,
  );
  expect(events.onReplyAcknowledged).toHaveBeenCalledWith(id);
});

test('a connection that breaks is made again', async () => {
  channel.start();
  (await open(1)).terminate();
  await open(2);
  expect(channel.isOpen).toBe(true);
});

test('a node that is refused is told so, once a visit', async () => {
  answer = { status: 400, body: '<AccessDeniedException><Message/></AccessDeniedException>' };
  channel.start();
  await eventually('the refusal', () => (events.onRefused.mock.calls.length === 1 ? true : undefined));
  expect(events.onOpen).not.toHaveBeenCalled();
  answer = { status: 201, body: '<R><TokenValue>token</TokenValue></R>' };
  // As after a sleep of the machine: it does not wait for its turn.
  channel.check();
  await open(1);
});

test('nothing goes out while it is closed, and after stop it stays closed', async () => {
  const reply = { messageId: id, jobId: 'j', content: '{}' };
  expect(channel.sendReply(reply)).toBe(false);
  channel.start();
  await open(1);
  expect(channel.sendReply(reply)).toBe(true);
  await eventually('the reply', () => received[0]);
  channel.stop();
  await eventually('the end', () => (channel.isOpen ? undefined : true));
  expect(channel.sendReply(reply)).toBe(false);
});
