/** Reads the beginning of an output file, as much as is reported; the file may have any size. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { reportedStream, streamLimit } from './result.ts';

/** A character has up to four bytes in UTF-8. One character more shows that there is more. */
const bytesRead = (streamLimit + 1) * 4;

/**
 * Empty where there is no file.
 * @param isOver whether the file is complete. Until then a character whose last bytes are missing is left out
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
