/** Output on its way to CloudWatch Logs: which calls are made of which bytes, before a stand-in that the test reads. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HttpClient } from '../../core/http-client.ts';
import { logsTarget } from '../../agent/logs-target.ts';
import { OutputLogs } from '../../agent/output-logs.ts';
import { ServiceClient } from '../../agent/service-client.ts';
import { silentLog } from '../../core/log.ts';
import { temporaryFolder } from '../support/state.ts';

interface Call {
  readonly operation: string;
  readonly authorization: string;
  readonly body: {
    readonly logGroupName: string;
    readonly logStreamName?: string;
    readonly logEvents?: readonly { readonly message: string; readonly timestamp: number }[];
  };
}

let folder: string;
let remove: () => void;
let calls: Call[];
let groups: Set<string>;
let streams: Set<string>;
let refuse: string | undefined;
let endpoint: string;
let close: () => Promise<void>;
let service: ServiceClient;

beforeEach(async () => {
  ({ folder, remove } = temporaryFolder());
  calls = [];
  groups = new Set();
  streams = new Set();
  refuse = undefined;
  const server = createServer((request, response) => {
    void json(request).then((parsed) => {
      const body = parsed as Call['body'];
      const operation = String(request.headers['x-amz-target']).replace('Logs_20140328.', '');
      calls.push({ operation, authorization: request.headers.authorization ?? '', body });
      const error = refuse ?? errorOf(operation, body);
      response
        .writeHead(error === undefined ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' })
        .end(error === undefined ? '{}' : JSON.stringify({ __type: error, message: 'no' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const http = new HttpClient();
  const credentials = {
    get: () => Promise.resolve({ accessKeyId: 'ASIATEST', secretAccessKey: 'secret', sessionToken: 'token' }),
    invalidate: () => undefined,
  };
  service = new ServiceClient(http, { nodeId: 'mi-1', region: 'eu-central-1' } as never, credentials as never);
  close = async () => {
    http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
});
afterEach(async () => {
  vi.useRealTimers();
  await close();
  remove();
});

/** As CloudWatch Logs has it. */
function errorOf(
  operation: string,
  { logGroupName: group, logStreamName: stream = '' }: Call['body'],
): string | undefined {
  const name = `${group} ${stream}`;
  switch (operation) {
    case 'CreateLogGroup':
      return groups.has(group) ? 'ResourceAlreadyExistsException' : void groups.add(group);
    case 'CreateLogStream':
      if (!groups.has(group)) return 'ResourceNotFoundException';
      return streams.has(name) ? 'ResourceAlreadyExistsException' : void streams.add(name);
    default:
      return streams.has(name) ? undefined : 'ResourceNotFoundException';
  }
}

const target = () => ({ endpoint, group: '/fleet', prefix: 'command/mi-1/step' });
const entry = (name: string): string => {
  const own = path.join(folder, name);
  mkdirSync(own, { recursive: true });
  return own;
};
const messages = (stream: string): string[] =>
  calls.flatMap(({ body }) =>
    body.logStreamName === `command/mi-1/step/${stream}` ? (body.logEvents ?? []).map(({ message }) => message) : [],
  );

describe('a step’s output', () => {
  test('is one event a line; group and stream are made with the first, and none for what says nothing', async () => {
    const own = entry('0');
    appendFileSync(path.join(own, 'stdout'), 'one\n\ntwo\nwithout an end');
    const logs = new OutputLogs(service, target(), [own], silentLog);
    expect(await logs.finish(silentLog)).toBeUndefined();
    expect(calls.map(({ operation }) => operation)).toEqual([
      'CreateLogStream',
      'CreateLogGroup',
      'CreateLogStream',
      'PutLogEvents',
      'PutLogEvents',
    ]);
    expect(messages('stdout')).toEqual(['one', 'two', 'without an end']);
    expect(streams).toEqual(new Set(['/fleet command/mi-1/step/stdout']));
    expect(calls[0]!.authorization).toContain('Credential=ASIATEST/');
    expect(calls[0]!.authorization).toContain('/eu-central-1/logs/aws4_request');
  });

  test('of several entries goes to one stream, in their order', async () => {
    const [first, second] = [entry('0'), entry('1')];
    appendFileSync(path.join(first, 'stdout'), 'a\n');
    appendFileSync(path.join(second, 'stdout'), 'b\n');
    appendFileSync(path.join(second, 'stderr'), 'c\n');
    groups.add('/fleet');
    expect(await new OutputLogs(service, target(), [first, second], silentLog).finish(silentLog)).toBeUndefined();
    expect(messages('stdout')).toEqual(['a', 'b']);
    expect(messages('stderr')).toEqual(['c']);
  });

  test('goes out every thirty seconds, and at once where there is much of it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    const own = entry('0');
    const logs = new OutputLogs(service, target(), [own], silentLog);
    appendFileSync(path.join(own, 'stdout'), 'a\nb');
    vi.advanceTimersByTime(29_000);
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(1_000);
    // The line that has no end yet waits for it.
    await vi.waitFor(() => expect(messages('stdout')).toEqual(['a']));
    appendFileSync(path.join(own, 'stdout'), `c\n${'x'.repeat(99)}\n`.repeat(2_500));
    vi.advanceTimersByTime(1_000);
    await vi.waitFor(() => expect(messages('stdout')).toHaveLength(5_001));
    expect(messages('stdout')[1]).toBe('bc');
    vi.useRealTimers();
    expect(await logs.finish(silentLog)).toBeUndefined();
  });

  test('that is refused is not tried over and over, and the reason is told', async () => {
    refuse = 'AccessDeniedException';
    const own = entry('0');
    appendFileSync(path.join(own, 'stdout'), 'one\n');
    appendFileSync(path.join(own, 'stderr'), 'two\n');
    expect(await new OutputLogs(service, target(), [own], silentLog).finish(silentLog)).toBe(
      'AccessDeniedException: no',
    );
    expect(calls).toHaveLength(1);
  });

  test('whatever its bytes and however they come, all of it arrives, within CloudWatch’s limits', async () => {
    groups.add('/fleet');
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'grapheme', maxLength: 60 }),
            fc.constantFrom('\n', '\n\n', 'é', '👩‍🚀', 'x'.repeat(70_000), '€'.repeat(100_000), 'line\n'.repeat(12_000)),
          ),
          { maxLength: 12 },
        ),
        async (parts) => {
          calls = [];
          streams.clear();
          const own = entry(String(run++));
          const logs = new OutputLogs(service, target(), [own], silentLog);
          for (const part of parts) appendFileSync(path.join(own, 'stdout'), part);
          expect(await logs.finish(silentLog)).toBeUndefined();
          expect(messages('stdout').join('')).toBe(parts.join('').replaceAll('\n', ''));
          for (const { body } of calls) {
            const events = body.logEvents ?? [];
            expect(events.length).toBeLessThanOrEqual(10_000);
            expect(events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0)).toBeLessThanOrEqual(
              1_048_576,
            );
            for (const { message } of events) expect(Buffer.byteLength(message)).toBeGreaterThan(0);
            for (const { message } of events) expect(Buffer.byteLength(message) + 26).toBeLessThanOrEqual(262_144);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('where it goes', () => {
  const request = {
    CommandId: 'c',
    DocumentName: 'arn:aws:ssm:eu-central-1:123456789012:document/Mine',
    CloudWatchOutputEnabled: 'true',
  };
  const node = { nodeId: 'mi-1', region: 'eu-central-1' };

  test.each([
    [
      'the document’s group, at AWS',
      {},
      {
        endpoint: 'https://logs.eu-central-1.amazonaws.com',
        group: '/aws/ssm/arn.aws.ssm.eu-central-1.123456789012.document/Mine',
        prefix: 'c/mi-1/aws-runShellScript',
      },
    ],
    [
      'the group that was named, at the operator’s',
      { CloudWatchLogGroupName: '/fleet', CloudWatchLogsEndpoint: 'http://logs.internal' },
      { endpoint: 'http://logs.internal', group: '/fleet', prefix: 'c/mi-1/aws-runShellScript' },
    ],
    [
      'nowhere, where none is asked for',
      { CloudWatchOutputEnabled: 'false', CloudWatchLogGroupName: '/fleet' },
      undefined,
    ],
  ])('%s', (_what, more, expected) =>
    expect(logsTarget({ ...request, ...more }, 'aws:runShellScript', node)).toEqual(expected),
  );
});
