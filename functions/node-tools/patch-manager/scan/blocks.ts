/** The blocks that scan.sh prints. If one is incomplete or changed, the whole scan is refused. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

const begin = '-----BEGIN FLOTILLA PATCH SCAN-----';
const end = '-----END FLOTILLA PATCH SCAN-----';

/** Unpacked, a block of a node with 10,000 packages is about 3 MB. A larger one than this is no scan. */
const longestBlock = 64 * 1024 * 1024;

/** A scan's output is cut off, changed or of an unknown format. */
export class UnreadableScan extends Error {
  override readonly name = 'UnreadableScan';
}

/**
 * The sections of a scan by name. Text outside the blocks is for people, and is skipped.
 * @throws UnreadableScan when a block is cut off, does not match its checksum or has an unknown format, or when there
 * is no block
 */
export function readBlocks(output: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  const lines = output.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    if (lines[at] !== begin) continue;
    const stop = lines.indexOf(end, at);
    if (stop === -1) throw new UnreadableScan('the scan is cut off within a block');
    const block = readBlock(lines.slice(at + 1, stop));
    sections.set(block.section, block.text);
    at = stop;
  }
  if (sections.size === 0) throw new UnreadableScan('there is no scan in the output');
  return sections;
}

function readBlock(lines: readonly string[]): { readonly section: string; readonly text: string } {
  const gap = lines.indexOf('');
  const header = new Map(
    lines.slice(0, gap).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const section = header.get('Section') ?? '';
  const format = header.get('Format');
  if (format !== '1') throw new UnreadableScan(`format ${format} of a scan is not known`);
  const bytes = unpack(section, lines.slice(gap + 1).join(''));
  if (createHash('sha256').update(bytes).digest('hex') !== header.get('SHA256'))
    throw new UnreadableScan(`section ${section} does not match its checksum`);
  return { section, text: bytes.toString('utf8') };
}

function unpack(section: string, base64: string): Buffer {
  try {
    return gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength: longestBlock });
  } catch (cause) {
    throw new UnreadableScan(`section ${section} cannot be unpacked`, { cause });
  }
}
