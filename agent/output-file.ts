/** The beginning of an output file, as it is reported; the file itself may be of any size. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { reportedStream, streamLimit } from './result.ts';

/** A character has up to four bytes of UTF-8; one character more shows that there is more. */
const bytesRead = (streamLimit + 1) * 4;

/**
 * Empty where there is no file.
 * @param isOver whether nothing more will be written: until then a character whose last bytes are not there yet is left
 * out
 */
export function readReported(file: string, isOver: boolean): string {
  if (!existsSync(file)) return '';
  const descriptor = openSync(file, 'r');
  try {
    const size = Math.min(fstatSync(descriptor).size, bytesRead);
    const bytes = Buffer.allocUnsafe(size);
    const length = readSync(descriptor, bytes, 0, size, 0);
    const decoder = new StringDecoder('utf8');
    const text = decoder.write(bytes.subarray(0, length));
    return reportedStream(isOver ? text + decoder.end() : text);
  } finally {
    closeSync(descriptor);
  }
}
