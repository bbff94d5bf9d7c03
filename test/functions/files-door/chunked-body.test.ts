/** aws-chunked bodies, however the network cuts them, and whatever is done to them on the way. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyPayloadHash, sha256 } from '../../../core/sigv4/canonical-request.ts';
import { signature, signingKey } from '../../../core/sigv4/signing-key.ts';
import { ChunkedBody, type ChunkSigning } from '../../../functions/files-door/chunked-body.ts';

const signing: ChunkSigning = {
  key: signingKey('secret', '20260105', 'us-east-1', 's3'),
  date: '20260105T090000Z',
  scope: '20260105/us-east-1/s3/aws4_request',
  seed: 'a'.repeat(64),
};

function encode(
  chunks: readonly Uint8Array[],
  trailers: Readonly<Record<string, string>>,
  by: ChunkSigning | undefined,
): Buffer {
  let previous = by?.seed ?? '';
  const parts: Buffer[] = [];
  for (const chunk of [...chunks.filter(({ length }) => length > 0), new Uint8Array()]) {
    if (by !== undefined)
      previous = signature(
        by.key,
        ['AWS4-HMAC-SHA256-PAYLOAD', by.date, by.scope, previous, emptyPayloadHash, sha256(chunk)].join('\n'),
      );
    parts.push(
      Buffer.from(`${chunk.length.toString(16)}${by === undefined ? '' : `;chunk-signature=${previous}`}\r\n`),
    );
    if (chunk.length > 0) parts.push(Buffer.from(chunk), Buffer.from('\r\n'));
  }
  const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}`);
  if (by !== undefined && lines.length > 0)
    lines.push(
      `x-amz-trailer-signature:${signature(by.key, ['AWS4-HMAC-SHA256-TRAILER', by.date, by.scope, previous, sha256(lines.map((line) => `${line}\n`).join(''))].join('\n'))}`,
    );
  parts.push(Buffer.from([...lines, '', ''].join('\r\n').replace(/^\r\n\r\n$/, '\r\n')));
  return Buffer.concat(parts);
}

async function decode(
  wire: readonly Uint8Array[],
  by: ChunkSigning | undefined,
): Promise<{ content: Buffer; trailers: object }> {
  const body = new ChunkedBody(by);
  const content = body.toArray() as Promise<Buffer[]>;
  for (const piece of wire) body.write(piece);
  body.end();
  return { content: Buffer.concat(await content), trailers: { ...body.trailers } };
}

const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((one, other) => one - other);
  return at.slice(1).map((end, place) => bytes.subarray(at[place], end));
};

describe.each([
  ['unsigned', undefined],
  ['signed', signing],
] as const)('%s', (_name, by) => {
  test('what was sent arrives, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 10 }),
        async (chunks, withTrailer, places) => {
          const trailers: Record<string, string> = withTrailer ? { 'x-amz-checksum-crc32': 'AAAAAA==' } : {};
          const { content, trailers: got } = await decode(cut(encode(chunks, trailers, by), places), by);
          expect(content.equals(Buffer.concat(chunks))).toBe(true);
          expect(got).toMatchObject(trailers);
        },
      ),
    );
  });

  test('what ends too early is refused', async () => {
    const wire = encode([randomBytes(30), randomBytes(30)], { 'x-amz-checksum-crc32': 'AAAAAA==' }, by);
    for (let length = 0; length < wire.length; length++)
      await expect(decode([wire.subarray(0, length)], by), `${length} of ${wire.length} bytes`).rejects.toMatchObject({
        status: expect.toSatisfy((status: number) => status === 400 || status === 403) as number,
      });
  });

  test('garbage is refused by a client error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.constantFrom(
            '5\r\n',
            'zz',
            '\r\n',
            '0\r\n',
            'hello',
            ';chunk-signature=',
            'a'.repeat(64),
            '-1\r\n',
            'x:y\r\n',
            '0',
          ),
          { maxLength: 12 },
        ),
        async (tokens) => {
          await decode([Buffer.from(tokens.join(''))], by).catch((error: unknown) =>
            expect(error).toMatchObject({
              status: expect.toSatisfy((status: number) => status >= 400 && status < 500) as number,
            }),
          );
        },
      ),
      { numRuns: 300 },
    );
    await expect(decode([Buffer.alloc(1_000_000, 0x61)], by)).rejects.toMatchObject({ code: 'InvalidRequest' });
  });
});

test('no bit of a signed body can be changed: content, order, trailer', async () => {
  const wire = encode([randomBytes(20), randomBytes(20)], { 'x-amz-checksum-crc32': 'AAAAAA==' }, signing);
  const original = await decode([wire], signing);
  for (let place = 0; place < wire.length; place++) {
    const changed = Buffer.from(wire);
    changed[place]! ^= 0x01;
    const answer = await decode([changed], signing).catch((error: unknown) => error as Error);
    // White space that the protocol does not count may change; nothing of what is handed on may.
    if (!(answer instanceof Error)) expect(answer).toEqual(original);
  }
  const swapped = encode([Buffer.from('b'), Buffer.from('a')], {}, signing);
  const right = encode([Buffer.from('a'), Buffer.from('b')], {}, signing);
  const [header = '', , ...rest] = right.toString().split('\r\n');
  expect(swapped.equals(right)).toBe(false);
  await expect(decode([Buffer.from([header, 'b', ...rest].join('\r\n'))], signing)).rejects.toMatchObject({
    code: 'SignatureDoesNotMatch',
  });
});
