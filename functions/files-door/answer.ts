/** An answer of the door, before it is written. */
import type { Readable } from 'node:stream';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly xml?: string;
  readonly body?: Readable;
}
