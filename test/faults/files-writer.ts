/** Stores objects until it is killed, and says so of each: `node files-writer.ts FOLDER ROUND`. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { SystemClock } from '../../core/clock.ts';
import { openDiskFiles } from '../support/files-door.ts';

const [folder = '', round = ''] = process.argv.slice(2);
const files = openDiskFiles(folder, new SystemClock());
await files.createBucket('bucket');
const worker = async (name: number): Promise<never> => {
  for (let turn = 0; ; turn++) {
    // New keys, and one that is replaced again and again.
    const key = turn % 3 === 0 ? `replaced-${name}` : `${round}-${name}-${turn}`;
    const bytes = randomBytes(turn % 5 === 0 ? 400_000 : 3000);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 50_000) }, (_, place) =>
      bytes.subarray(place * 50_000, (place + 1) * 50_000),
    );
    await files.put('bucket', key, Readable.from(pieces), {
      metadata: { sha256: createHash('sha256').update(bytes).digest('hex') },
    });
    process.stdout.write(`${key}\n`);
  }
};
await Promise.all([1, 2, 3, 4].map(worker));
