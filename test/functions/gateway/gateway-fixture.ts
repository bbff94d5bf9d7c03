/** A gateway behind a real port, and nodes that speak to it as agents do. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import WebSocket from 'ws';
import { issueKey } from '../../../core/access-keys.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../../core/agent-protocol/frame.ts';
import type { Context } from '../../../core/context.ts';
import { signRequest, type Credentials } from '../../../core/sigv4/sign.ts';
import { createGateway, type Gateway } from '../../../functions/gateway/gateway.ts';
import type { Delivery, GatewayHooks, GatewayTiming, Reply } from '../../../functions/gateway/hooks.ts';
import { messageWrite } from '../../../functions/nodes/index.ts';
import { openCertificates } from '../../../local/certificates.ts';
import { listen, type Listener } from '../../../local/listener.ts';
import type { TestContext } from '../../support/context.ts';

export interface OpenGateway {
  readonly gateway: Gateway;
  readonly port: number;
  readonly ca: Buffer;
  readonly deliveries: Delivery[];
  readonly delays: Delivery[];
  readonly replies: Reply[];
  close(): Promise<void>;
}

/** Quicker than in life, so that what is to happen after seconds happens in a test. */
const quick: Partial<GatewayTiming> = { tick: 10, round: 400, resend: 60, bufferFull: 80, poll: 400, handshake: 200 };

export async function openGateway(
  fixture: TestContext,
  {
    context = fixture.context,
    timing = {},
    ...hooks
  }: { context?: Context; timing?: Partial<GatewayTiming> } & Partial<GatewayHooks> = {},
): Promise<OpenGateway> {
  const deliveries: Delivery[] = [];
  const delays: Delivery[] = [];
  const replies: Reply[] = [];
  const gateway = await createGateway({
    context,
    timing: { ...quick, ...timing },
    renderers: {
      command: async ({ text }: { text: string }, nodeId) => ({
        topic: `aws.ssm.sendCommand.us-east-1.${nodeId}`,
        content: JSON.stringify({ text }),
      }),
      void: async () => undefined,
    },
    recordDelivery: async (delivery) => void deliveries.push(delivery),
    recordDelay: async (delivery) => void delays.push(delivery),
    recordReply: async (reply) => void replies.push(reply),
    ...hooks,
  });
  const certificates = await openCertificates(path.join(fixture.folder, 'tls'), ['127.0.0.1']);
  const listener: Listener = await listen({
    host: '127.0.0.1',
    port: 0,
    certificate: certificates,
    onRequest: (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const [requestPath = '', query = ''] = (request.url ?? '').split('?');
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        void gateway
          .handle({
            method: request.method ?? '',
            path: requestPath,
            query,
            headers,
            body: Buffer.concat(chunks),
            sourceIp: '127.0.0.1',
          })
          .then(({ status, headers: answered, body }) => response.writeHead(status, answered).end(body));
      });
    },
    takesUpgrade: (request) => gateway.takesUpgrade(request),
    onUpgrade: (request, socket, head) => gateway.upgrade(request, socket, head),
  });
  return {
    gateway,
    port: listener.port,
    ca: readFileSync(certificates.caFile),
    deliveries,
    delays,
    replies,
    close: async () => {
      await gateway.close();
      await listener.close(0);
    },
  };
}

/** A node's short-lived credentials. */
export async function credentialsOf(context: Context, nodeId: string): Promise<Credentials> {
  const { writes, ...credentials } = await issueKey(context, {
    owner: { kind: 'node', nodeId },
    expiresAt: Date.now() + 3_600_000,
  });
  await context.state.transact(writes);
  return credentials;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A node, or what pretends to be one. */
export class NodeClient {
  readonly nodeId: string;
  readonly #credentials: Credentials;
  readonly #open: Pick<OpenGateway, 'port' | 'ca'>;

  constructor(open: Pick<OpenGateway, 'port' | 'ca'>, nodeId: string, credentials: Credentials) {
    this.#open = open;
    this.nodeId = nodeId;
    this.#credentials = credentials;
  }

  /** A node that is registered, with its credentials. */
  static async of(fixture: TestContext, open: OpenGateway, nodeId: string): Promise<NodeClient> {
    return new NodeClient(open, nodeId, await credentialsOf(fixture.context, nodeId));
  }

  /** An operation of ec2messages. */
  messages(operation: string, input: object | string): Promise<Answer> {
    const body = typeof input === 'string' ? input : JSON.stringify(input);
    return this.#post('/', 'ec2messages', body, {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `EC2WindowsMessageDeliveryService.${operation}`,
    });
  }

  createChannel(nodeId = this.nodeId, kind = 'control'): Promise<Answer> {
    return this.#post(
      `/v1/${kind}-channel/${nodeId}`,
      'ssmmessages',
      JSON.stringify({ MessageSchemaVersion: '1.0', RequestId: '1' }),
      { 'content-type': 'application/json' },
    );
  }

  async token(): Promise<string> {
    const { body } = await this.createChannel();
    return /<TokenValue>(.*)<\/TokenValue>/.exec(body)?.[1] ?? '';
  }

  /** The websocket over TLS, its upgrade signed, before the first message. */
  dial(nodeId = this.nodeId, sign = true): WebSocket {
    const url = `https://127.0.0.1:${this.#open.port}/v1/control-channel/${nodeId}?role=subscribe&stream=input`;
    const headers = sign
      ? signRequest({ method: 'GET', url, credentials: this.#credentials, region: 'us-east-1', service: 'ssmmessages' })
      : {};
    return new WebSocket(url.replace('https', 'wss'), { headers, ca: this.#open.ca });
  }

  /** A control channel that is open. */
  async connect(token?: string): Promise<TestChannel> {
    const socket = this.dial();
    const channel = new TestChannel(socket, this.nodeId);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.send(
      JSON.stringify({
        Cookie: null,
        MessageSchemaVersion: '1.0',
        RequestId: '1',
        TokenValue: token ?? (await this.token()),
        AgentVersion: '3.3.0.0',
        PlatformType: 'linux',
      }),
    );
    return channel;
  }

  #post(requestPath: string, service: string, body: string, headers: Record<string, string>): Promise<Answer> {
    const url = `http://127.0.0.1:${this.#open.port}${requestPath}`;
    const signed = signRequest({
      method: 'POST',
      url,
      credentials: this.#credentials,
      region: 'us-east-1',
      service,
      headers,
      body,
    });
    return new Promise((resolve, reject) => {
      const request = http.request(url, { method: 'POST', headers: signed }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      request.on('error', reject).end(body);
    });
  }
}

/** The agent's end of a control channel. */
export class TestChannel {
  readonly socket: WebSocket;
  readonly nodeId: string;
  /** Code and reason of the websocket's end. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #frames: Frame[] = [];
  #arrived: () => void = () => undefined;

  constructor(socket: WebSocket, nodeId: string) {
    this.socket = socket;
    this.nodeId = nodeId;
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    socket.on('message', (data) => {
      this.#frames.push(decodeFrame(data as Buffer));
      this.#arrived();
    });
    socket.on('error', () => undefined);
  }

  /** The next frame, waited for. */
  async next(): Promise<Frame & { readonly json: Record<string, string> }> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined)
        return { ...frame, json: JSON.parse(frame.payload.toString()) as Record<string, string> };
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }

  /** How many frames wait to be read. */
  get waiting(): number {
    return this.#frames.length;
  }

  /** @returns the frame's id */
  send(messageType: string, payload: object, messageId: string = crypto.randomUUID()): string {
    this.socket.send(
      encodeFrame({ messageType, messageId, createdDate: Date.now(), payload: Buffer.from(JSON.stringify(payload)) }),
    );
    return messageId;
  }

  acknowledge(job: Frame & { readonly json: Record<string, string> }, statusCode = '200'): void {
    this.send('agent_job_ack', {
      jobId: job.json['JobId'],
      acknowledgedMessageId: job.messageId,
      createdDate: new Date().toISOString(),
      statusCode,
      errorMessage: 'told',
    });
  }

  reply(jobId: string, report: object, messageId?: string): string {
    return this.send(
      'agent_job_reply',
      { schemaVersion: 1, jobId, content: JSON.stringify(report), topic: 'aws.ssm.sendCommand' },
      messageId,
    );
  }
}

/** Leaves a message for a node and wakes whoever holds it. @returns its id */
export async function leaveMessage(
  context: Context,
  nodeId: string,
  text: string,
  more: { readonly kind?: string; readonly wake?: boolean } = {},
): Promise<string> {
  const messageId = `aws.ssm.${crypto.randomUUID()}.${nodeId}`;
  await context.state.write(
    messageWrite({
      nodeId,
      messageId,
      kind: more.kind ?? 'command',
      reference: { text },
      createdAt: context.clock.now(),
    }),
  );
  if (more.wake !== false) context.mailbox.wake(nodeId);
  return messageId;
}
