/** The checksums that S3's clients send and receive. */
import { createHash, type Hash } from 'node:crypto';
import { pipeline, Transform, type Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import type { FileInfo } from '../../core/files.ts';
import { invalidRequest } from './errors.ts';

export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export interface Checksum {
  update(chunk: Uint8Array): void;
  /** Base64 of the bytes, big endian. */
  digest(): string;
}

export function newChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case 'CRC32': {
      let value = 0;
      return { update: (chunk) => void (value = crc32(chunk, value)), digest: () => base64(value) };
    }
    case 'CRC32C': {
      let value = 0xffffffff;
      return {
        update: (chunk) => {
          for (const byte of chunk) value = (crc32cTable[(value ^ byte) & 0xff]! ^ (value >>> 8)) >>> 0;
        },
        digest: () => base64((value ^ 0xffffffff) >>> 0),
      };
    }
    case 'CRC64NVME':
      return crc64();
    case 'SHA1':
    case 'SHA256':
      return hashed(createHash(algorithm.toLowerCase()));
  }
}

function hashed(hash: Hash): Checksum {
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('base64') };
}

function base64(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString('base64');
}

/** Castagnoli, reflected. */
const crc32cTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

/** CRC-64/NVME, reflected: 0x9A6C9329AC4BC9B5, as two halves, because a BigInt for each byte is too slow. */
const crc64Table = (() => {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
    high[byte] = Number(value >> 32n);
    low[byte] = Number(value & 0xffffffffn);
  }
  return { high, low };
})();

function crc64(): Checksum {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update: (chunk) => {
      for (const byte of chunk) {
        const index = (low ^ byte) & 0xff;
        const shiftedLow = ((low >>> 8) | (high << 24)) >>> 0;
        low = (shiftedLow ^ crc64Table.low[index]!) >>> 0;
        high = ((high >>> 8) ^ crc64Table.high[index]!) >>> 0;
      }
    },
    digest: () => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE((high ^ 0xffffffff) >>> 0, 0);
      bytes.writeUInt32BE((low ^ 0xffffffff) >>> 0, 4);
      return bytes.toString('base64');
    },
  };
}

/**
 * The algorithm of a name, in any case.
 * @throws S3Error InvalidRequest
 */
export function algorithmOf(name: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((one) => one === name.toUpperCase());
  if (algorithm === undefined)
    throw invalidRequest(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    );
  return algorithm;
}

/** The bytes of each checksum. */
export const checksumLength: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** Whether a text is base64 of this many bytes. */
export function isBase64Of(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, 'base64');
  return decoded.length === bytes && decoded.toString('base64') === text;
}

/** A body whose checksum is computed while it is read. `checksums` may be called once all of it was read. */
export function summed(
  body: Readable,
  algorithm: ChecksumAlgorithm,
): { readonly stream: Readable; readonly checksums: () => Record<string, string> } {
  const checksum = newChecksum(algorithm);
  const sum = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      checksum.update(chunk);
      callback(null, chunk);
    },
  });
  // The reader gets the body's errors; destroying the stream destroys the body too.
  return { stream: pipeline(body, sum, () => undefined), checksums: () => ({ [algorithm]: checksum.digest() }) };
}

/** `x-amz-checksum-crc32` → CRC32. */
export function algorithmOfHeader(header: string): ChecksumAlgorithm | undefined {
  const name = /^x-amz-checksum-(\w+)$/.exec(header)?.[1]?.toUpperCase();
  return checksumAlgorithms.find((algorithm) => algorithm === name);
}

export function headerOf(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The checksums of an object as headers. */
export function checksumHeaders({ checksums = {} }: Pick<FileInfo, 'checksums'>): Record<string, string> {
  const entries = Object.entries(checksums);
  if (entries.length === 0) return {};
  const type = entries.some(([, value]) => isOfParts(value)) ? 'COMPOSITE' : 'FULL_OBJECT';
  return {
    ...Object.fromEntries(entries.map(([algorithm, value]) => [headerOf(algorithm as ChecksumAlgorithm), value])),
    'x-amz-checksum-type': type,
  };
}

/** The checksum of parts' checksums: `<base64>-<number of parts>`. */
export function checksumOfParts(algorithm: ChecksumAlgorithm, parts: readonly string[]): string {
  const checksum = newChecksum(algorithm);
  for (const part of parts) checksum.update(Buffer.from(part, 'base64'));
  return `${checksum.digest()}-${parts.length}`;
}

export function isOfParts(checksum: string): boolean {
  return checksum.includes('-');
}

/** The checksums as XML elements: `ChecksumCRC32`. */
export function checksumsNode(info: Pick<FileInfo, 'checksums'>): Record<string, string> {
  const { 'x-amz-checksum-type': ChecksumType } = checksumHeaders(info);
  return {
    ...Object.fromEntries(
      Object.entries(info.checksums ?? {}).map(([algorithm, value]) => [`Checksum${algorithm}`, value]),
    ),
    ...(ChecksumType === undefined ? {} : { ChecksumType }),
  };
}
