/** DynamoDB's wire before the front, in this process, which fails as networks and busy tables do when a test asks. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal, type Input } from './dynalite.ts';
import { DynamoFront, type Written } from './front.ts';

export interface DynamoRequest {
  /** `PutItem` */
  readonly operation: string;
  readonly body: Input;
}

/**
 * What becomes of a request: carried out; carried out and the answer lost, by a connection that ends or by a 500;
 * refused with an error; or carried out in part, `change` being the input, `answer` what is made of the answer.
 */
export type Fate =
  | 'pass'
  | 'lose-answer'
  | 'answer-500'
  | 'drop'
  | { readonly error: string; readonly status?: number; readonly reasons?: readonly string[] }
  | { readonly change: object; readonly answer: (answer: Record<string, unknown>) => object };

export interface FrontServer {
  readonly url: string;
  /** As they arrived, oldest first. */
  readonly requests: DynamoRequest[];
  /** Writes that were made, with what they cost. */
  readonly written: Written[];
  /** Decides for each request; passes all on until it is set. */
  decide: (request: DynamoRequest) => Fate;
  /** The first requests of an operation meet this fate, all others pass. */
  first(count: number, operation: string, fate: Fate): void;
  stop(): Promise<void>;
}

export async function startDynamoFront(): Promise<FrontServer> {
  const front = new DynamoFront();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const started: FrontServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    written: front.written,
    decide: () => 'pass',
    first: (count, operation, fate) => {
      let left = count;
      started.decide = (request) => (request.operation === operation && left-- > 0 ? fate : 'pass');
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await front.close();
    },
  };
  return started;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const body = JSON.parse((await read(request)) || '{}') as Input;
    const received = { operation, body };
    started.requests.push(received);
    const fate = started.decide(received);
    if (fate === 'drop') return void request.socket.destroy();
    let answer: Answer;
    if (typeof fate === 'object' && 'error' in fate) answer = answerOf(refusalOf(fate));
    else {
      const changes = typeof fate === 'object' ? fate : undefined;
      answer = await carryOut(operation, (changes?.change ?? body) as Input);
      if (changes !== undefined) answer = { ...answer, body: changes.answer(answer.body as Record<string, unknown>) };
    }
    if (fate === 'lose-answer') return void request.socket.destroy();
    if (fate === 'answer-500')
      answer = answerOf(new Refusal('InternalServerError', 'The request could not be processed.', {}, 500));
    response
      .writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify(answer.body));
  }

  async function carryOut(operation: string, input: Input): Promise<Answer> {
    try {
      return { status: 200, body: await front.run(operation, input) };
    } catch (error) {
      if (error instanceof Refusal) return answerOf(error);
      return answerOf(new Refusal('InternalServerError', String((error as Error).stack), {}, 500));
    }
  }
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

function answerOf({ status, body }: Refusal): Answer {
  return { status, body };
}

function refusalOf({ error, status = 400, reasons }: Extract<Fate, { error: string }>): Refusal {
  return new Refusal(
    error,
    error,
    reasons === undefined ? {} : { CancellationReasons: reasons.map((Code) => ({ Code })) },
    status,
  );
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
