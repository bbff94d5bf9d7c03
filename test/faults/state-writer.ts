/**
 * Writes to a state file without end, or as often as it is told, and prints a number for each write that was
 * acknowledged: `node state-writer.ts FILE FIRST [WRITERS] [WRITES]`. Each write is two rows and an event.
 */
import { writeSync } from 'node:fs';
import { SystemClock } from '../../core/clock.ts';
import { openSqliteState } from '../../local/sqlite-state.ts';

const [file = '', first = '0', writers = '8', writes = 'Infinity'] = process.argv.slice(2);
const state = openSqliteState({ file, clock: new SystemClock() });
const end = Number(first) + Number(writes);
let next = Number(first);

async function writer(): Promise<void> {
  while (next < end) {
    const n = next++;
    const sk = String(n).padStart(9, '0');
    await state.transact([
      {
        put: { pk: 'LEFT', sk },
        body: { n, text: 'x'.repeat(n % 2000) },
        when: { row: 'absent' },
        events: [{ id: `event-${n}`, detailType: 'Written', time: n, resources: [], detail: { n } }],
      },
      { put: { pk: 'RIGHT', sk }, body: { n }, indexes: { index1: { pk: 'INDEX', sk } } },
      { update: { pk: 'COUNT', sk: String(n % 3) }, add: { writes: 1 } },
    ]);
    // At once, and not by a stream that a kill would empty.
    writeSync(1, `${n}\n`);
  }
}

process.stdout.write('ready\n');
await Promise.all(Array.from({ length: Number(writers) }, writer));
await state.close();
