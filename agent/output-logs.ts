/**
 * Sends a step's output to CloudWatch Logs while it grows: every 30 seconds, sooner when there is much, and the rest
 * when the step has ended. A stream is made with its first line.
 */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { Log } from '../core/log.ts';
import { ServiceError } from '../core/http-client.ts';
import type { ServiceClient } from './service-client.ts';

/** As in amazon-ssm-agent: milliseconds, and the bytes that are sent without waiting. */
const flushEvery = 30_000;
const flushAbove = 200_000;
const lookEvery = 1_000;
/** Bytes of a call: CloudWatch takes a megabyte, each line with 26 bytes more. */
const readAtOnce = 256 * 1024;
/** Characters of one event, whose bytes may be 256 KB. */
const longestLine = 60_000;
/** Events of a call. */
const mostEvents = 10_000;

export interface OutputLogsTarget {
  readonly endpoint: string;
  readonly group: string;
  /** `<command>/<node>/<step>`, above `/stdout` and `/stderr`. */
  readonly prefix: string;
}

export class OutputLogs {
  readonly #streams: readonly OutputStream[];
  readonly #timer: NodeJS.Timeout;
  #sending: Promise<void> = Promise.resolve();
  #nextFlush = Date.now() + flushEvery;
  #failure: string | undefined;

  /** @param folders of the step, one for each entry; each has the files stdout and stderr */
  constructor(service: ServiceClient, target: OutputLogsTarget, folders: readonly string[], log: Log) {
    this.#streams = (['stdout', 'stderr'] as const).map(
      (name) =>
        new OutputStream(
          service,
          target,
          name,
          folders.map((folder) => `${folder}/${name}`),
        ),
    );
    this.#timer = setInterval(() => {
      if (Date.now() < this.#nextFlush && this.#streams.every((stream) => stream.waiting < flushAbove)) return;
      this.#flush(false, log);
    }, lookEvery).unref();
  }

  /** Sends the rest. @returns why not everything was accepted, or undefined where it was */
  async finish(log: Log): Promise<string | undefined> {
    clearInterval(this.#timer);
    this.#flush(true, log);
    await this.#sending;
    return this.#failure;
  }

  /** One after the other, so that lines keep their order. After a failure nothing more is sent. */
  #flush(isLast: boolean, log: Log): void {
    this.#nextFlush = Date.now() + flushEvery;
    this.#sending = this.#sending.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        for (const stream of this.#streams) await stream.send(isLast);
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : 'unknown';
        log.warn('output could not be sent to CloudWatch Logs', { error });
      }
    });
  }
}

class OutputStream {
  readonly #service: ServiceClient;
  readonly #target: OutputLogsTarget;
  readonly #name: string;
  readonly #files: readonly string[];
  /** The file that is read, and the position in it. */
  #file = 0;
  #position = 0;
  #decoder = new StringDecoder('utf8');
  /** A line that is not complete yet. */
  #begun = '';
  #made = false;

  constructor(service: ServiceClient, target: OutputLogsTarget, name: string, files: readonly string[]) {
    this.#service = service;
    this.#target = target;
    this.#name = name;
    this.#files = files;
  }

  /** Bytes that were not read yet. */
  get waiting(): number {
    return this.#files.slice(this.#file).reduce((sum, file) => sum + sizeOf(file), -this.#position);
  }

  async send(isLast: boolean): Promise<void> {
    for (let text = this.#read(isLast); text !== undefined; text = this.#read(isLast))
      await this.#put(this.#linesOf(text, false));
    if (isLast) await this.#put(this.#linesOf(this.#decoder.end(), true));
  }

  /** The next piece. When the next entry's file exists, the earlier one is complete and is read to its end. */
  #read(isLast: boolean): string | undefined {
    for (;;) {
      const file = this.#files[this.#file];
      if (file === undefined) return undefined;
      const length = readAt(file, buffer(), this.#position);
      this.#position += length;
      if (length > 0) return this.#decoder.write(buffer().subarray(0, length));
      const next = this.#files[this.#file + 1];
      if (next === undefined || !(isLast || existsSync(next))) return undefined;
      this.#file++;
      this.#position = 0;
    }
  }

  #linesOf(text: string, isEnd: boolean): string[] {
    const lines = (this.#begun + text).split('\n');
    // An incomplete line waits, unless it becomes too long.
    const waits = !isEnd && lines.at(-1)!.length <= longestLine;
    this.#begun = waits ? lines.pop()! : '';
    return lines.flatMap(eventsOf);
  }

  async #put(lines: readonly string[]): Promise<void> {
    for (let at = 0; at < lines.length; at += mostEvents) {
      const timestamp = Date.now();
      await this.#make();
      await this.#call('PutLogEvents', {
        logEvents: lines.slice(at, at + mostEvents).map((message) => ({ timestamp, message })),
      });
    }
  }

  /** Makes the stream, and its group where it is missing. Another writer may have made either meanwhile. */
  async #make(): Promise<void> {
    if (this.#made) return;
    try {
      await this.#unlessThere(this.#call('CreateLogStream'));
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === 'ResourceNotFoundException')) throw error;
      await this.#unlessThere(
        this.#service.callLogs(this.#target.endpoint, 'CreateLogGroup', { logGroupName: this.#target.group }),
      );
      await this.#unlessThere(this.#call('CreateLogStream'));
    }
    this.#made = true;
  }

  async #unlessThere(call: Promise<void>): Promise<void> {
    await call.catch((error: unknown) => {
      if (!(error instanceof ServiceError && error.code === 'ResourceAlreadyExistsException')) throw error;
    });
  }

  #call(operation: string, more: object = {}): Promise<void> {
    return this.#service.callLogs(this.#target.endpoint, operation, {
      logGroupName: this.#target.group,
      logStreamName: `${this.#target.prefix}/${this.#name}`,
      ...more,
    });
  }
}

/** CloudWatch accepts no empty event, and none above its size limit. */
function eventsOf(line: string): string[] {
  const events: string[] = [];
  for (let at = 0; at < line.length;) {
    // Does not cut between the two halves of a character.
    const end = /[\uD800-\uDBFF]/.test(line[at + longestLine - 1] ?? '') ? at + longestLine - 1 : at + longestLine;
    events.push(line.slice(at, end));
    at = end;
  }
  return events;
}

/** One buffer for all streams: each read converts it to text before the next read. */
let shared: Buffer | undefined;

function buffer(): Buffer {
  return (shared ??= Buffer.allocUnsafeSlow(readAtOnce));
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

function readAt(file: string, into: Buffer, position: number): number {
  if (!existsSync(file)) return 0;
  const descriptor = openSync(file, 'r');
  try {
    return readSync(descriptor, into, 0, into.length, position);
  } finally {
    closeSync(descriptor);
  }
}
