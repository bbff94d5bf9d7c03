/** An answer of the door, before it is written. */
import type { Readable } from 'node:stream';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly xml?: string;
  readonly body?: Readable;
  /** What the audit trail tells of the outcome, where the request alone does not say it. */
  readonly onRecord?: Readonly<Record<string, unknown>>;
}
