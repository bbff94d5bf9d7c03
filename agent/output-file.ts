/** The beginning of an output file, as it is reported; the file itself may be of any size. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { reportedStream, streamLimit } from './result.ts';

/** A character has up to four bytes of UTF-8; one character more shows that there is more. */
const bytesRead = (streamLimit + 1) * 4;

/** Empty where there is no file. */
export function readReported(file: string): string {
  if (!existsSync(file)) return '';
  const descriptor = openSync(file, 'r');
  try {
    const size = Math.min(fstatSync(descriptor).size, bytesRead);
    const bytes = Buffer.allocUnsafe(size);
    const length = readSync(descriptor, bytes, 0, size, 0);
    return reportedStream(bytes.toString('utf8', 0, length));
  } finally {
    closeSync(descriptor);
  }
}
