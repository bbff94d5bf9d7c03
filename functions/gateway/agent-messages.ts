/** Parses what agents send over a control channel, as tolerantly as AWS's service does. */

export interface JobAck {
  readonly jobId: string;
  /** `200`, or a code of the agent's own: `51402` means that its buffer is full. */
  readonly statusCode: string;
  readonly errorMessage: string;
}

export interface JobReply {
  readonly jobId: string;
  /** The report as JSON text. */
  readonly content: string;
}

/** The payload does not have the expected form. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/** @throws MalformedMessage */
export function readJobAck(payload: Uint8Array): JobAck {
  const { jobId, statusCode, errorMessage } = readObject(payload);
  return {
    jobId: text(jobId, 'jobId'),
    statusCode: typeof statusCode === 'number' ? String(statusCode) : text(statusCode, 'statusCode'),
    errorMessage: typeof errorMessage === 'string' ? errorMessage : '',
  };
}

/** @throws MalformedMessage */
export function readJobReply(payload: Uint8Array): JobReply {
  const { jobId, content } = readObject(payload);
  return { jobId: text(jobId, 'jobId'), content: text(content, 'content') };
}

/** The first message of a control channel, a text frame with the token. @throws MalformedMessage */
export function readOpenControlChannel(data: Uint8Array): { readonly token: string } {
  return { token: text(readObject(data)['TokenValue'], 'TokenValue') };
}

function readObject(payload: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
  } catch {
    throw new MalformedMessage('the payload is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedMessage('the payload is not an object');
  return value as Readonly<Record<string, unknown>>;
}

function text(value: unknown, member: string): string {
  if (typeof value !== 'string' || value === '') throw new MalformedMessage(`${member} is absent`);
  return value;
}
