/** Writes tar archives (POSIX ustar) as a stream. Pure, except for the bytes it is given. */

export interface TarEntry {
  /** At most 100 bytes, with `/`. */
  readonly name: string;
  /** The exact number of bytes of `content`. */
  readonly size: number;
  /** Epoch milliseconds. */
  readonly modified: number;
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const block = 512;
/**
 * The most that eleven octal digits hold. A larger size is written in base 256, which GNU tar and all current tools
 * read.
 */
const mostOctal = 0o77777777777;

/**
 * Writes files that only their owner may read. @throws Error when a content does not have the size that its entry says
 */
export async function* tar(entries: AsyncIterable<TarEntry> | Iterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for await (const { name, size, modified, content } of entries) {
    yield tarHeader({ name, size, modified });
    let written = 0;
    for await (const chunk of content) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== size) throw new Error(`${name} has ${written} bytes, not ${size}`);
    if (size % block > 0) yield Buffer.alloc(block - (size % block));
  }
  yield Buffer.alloc(2 * block);
}

export function tarHeader({ name, size, modified }: Omit<TarEntry, 'content'>): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long a name for an archive`);
  const header = Buffer.alloc(block);
  header.write(name, 0);
  header.write('0000600\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  if (size <= mostOctal) header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else {
    header.writeBigUInt64BE(BigInt(size), 128);
    header[124] = 0x80;
  }
  header.write(
    `${Math.floor(modified / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  );
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
