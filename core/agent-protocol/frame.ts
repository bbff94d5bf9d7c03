/**
 * The binary frame of the control and data channels, as amazon-ssm-agent reads and writes it. All integers
 * are big endian.
 *
 * | offset | bytes | field |
 * |---|---|---|
 * | 0 | 4 | length of what precedes the payload length: 116 |
 * | 4 | 32 | message type, padded with spaces |
 * | 36 | 4 | schema version: 1 |
 * | 40 | 8 | created, ms since epoch |
 * | 48 | 8 | sequence number |
 * | 56 | 8 | flags |
 * | 64 | 16 | message id: the second half of the UUID's bytes, then the first |
 * | 80 | 32 | SHA-256 of the payload |
 * | 112 | 4 | payload type |
 * | 116 | 4 | payload length |
 * | 120 | | payload |
 */
import { createHash } from 'node:crypto';

const headerLength = 116;
const payloadOffset = 120;
const typeLength = 32;

export interface Frame {
  /** `agent_job`, `agent_job_reply`… at most 32 ASCII characters. */
  readonly messageType: string;
  /** A UUID. */
  readonly messageId: string;
  /** Epoch milliseconds; not 0. */
  readonly createdDate: number;
  readonly payload: Buffer;
  readonly sequenceNumber?: number;
  /** 1 first of a stream, 2 last, 3 alone. */
  readonly flags?: number;
  readonly payloadType?: number;
}

/** The bytes received are not a frame. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

export function encodeFrame(frame: Frame): Buffer {
  const bytes = Buffer.alloc(payloadOffset + frame.payload.length);
  bytes.writeUInt32BE(headerLength, 0);
  bytes.write(frame.messageType.padEnd(typeLength, ' '), 4, typeLength, 'latin1');
  bytes.writeUInt32BE(1, 36);
  bytes.writeBigUInt64BE(BigInt(frame.createdDate), 40);
  bytes.writeBigInt64BE(BigInt(frame.sequenceNumber ?? 0), 48);
  bytes.writeBigUInt64BE(BigInt(frame.flags ?? 0), 56);
  const id = Buffer.from(frame.messageId.replaceAll('-', ''), 'hex');
  if (id.length !== 16) throw new MalformedFrame(`${frame.messageId} is not a UUID`);
  id.copy(bytes, 64, 8, 16);
  id.copy(bytes, 72, 0, 8);
  createHash('sha256').update(frame.payload).digest().copy(bytes, 80);
  bytes.writeUInt32BE(frame.payloadType ?? 0, 112);
  bytes.writeUInt32BE(frame.payload.length, 116);
  frame.payload.copy(bytes, payloadOffset);
  return bytes;
}

/**
 * Reads a frame. Like the agent, it takes all remaining bytes as the payload and checks neither digest nor length: a
 * frame is one websocket message, and TLS protects it.
 * @throws MalformedFrame
 */
export function decodeFrame(bytes: Buffer): Required<Frame> {
  if (bytes.length < payloadOffset) throw new MalformedFrame(`${bytes.length} bytes are no frame`);
  const length = bytes.readUInt32BE(0);
  if (length < headerLength || length + 4 > bytes.length) throw new MalformedFrame(`a header of ${length} bytes`);
  const messageType = bytes
    .toString('latin1', 4, 4 + typeLength)
    .replace(/[\0 ]+$/, '')
    .replace(/^[\0 ]+/, '');
  if (messageType === '') throw new MalformedFrame('no message type');
  const createdDate = Number(bytes.readBigUInt64BE(40));
  if (createdDate === 0) throw new MalformedFrame('no date');
  const id = Buffer.concat([bytes.subarray(72, 80), bytes.subarray(64, 72)]).toString('hex');
  return {
    messageType,
    messageId: `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`,
    createdDate,
    sequenceNumber: Number(bytes.readBigInt64BE(48)),
    flags: Number(bytes.readBigUInt64BE(56)),
    payloadType: bytes.readUInt32BE(112),
    payload: bytes.subarray(length + 4),
  };
}
