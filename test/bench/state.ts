/**
 * What the State port costs over SQLite, called directly: `node test/bench/state.ts`. Writes are durable when
 * they count: their rate is the disk's and the group's, so it is given for several in flight.
 */
import { performance } from 'node:perf_hooks';
import { SystemClock } from '../../core/clock.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import { temporaryState } from '../support/state.ts';

const { state, close } = temporaryState(new SystemClock());
const milliseconds = Number(process.argv[2] ?? 1500);
/** An invocation's row, about. */
const body = {
  commandId: '11111111-2222-3333-4444-555555555555',
  nodeId: 'mi-0123456789abcdef0',
  state: 'Pending',
  requested: 1_767_603_600_000,
  document: 'AWS-RunShellScript',
  steps: [{ name: 'aws:runShellScript', state: 'Pending', output: 'x'.repeat(200) }],
};
const event = (n: number): OutgoingEvent => ({
  id: `event-${n}`,
  detailType: 'EC2 Command Invocation Status-change Notification',
  time: n,
  resources: [],
  detail: { 'command-id': body.commandId, 'instance-id': body.nodeId, status: 'Pending' },
});
const key = (n: number): { pk: string; sk: string } => ({ pk: `BENCH#${n % 1000}`, sk: String(n).padStart(12, '0') });
const seeded = 100_000;
let written = seeded;

async function rate(name: string, inFlight: number, operation: (n: number) => Promise<unknown>): Promise<void> {
  const end = performance.now() + milliseconds;
  const began = performance.now();
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      await operation(written++);
      done++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const perSecond = (done / (performance.now() - began)) * 1000;
  console.log(
    `${name.padEnd(34)} ${String(inFlight).padStart(3)} in flight  ${Math.round(perSecond).toLocaleString('en').padStart(9)} /s`,
  );
}

for (let at = 0; at < seeded; at += 1000)
  await state.batch(
    Array.from({ length: 1000 }, (_, n) => ({
      put: key(at + n),
      body,
      indexes: { index1: { pk: `NODE#${n % 100}`, sk: String(at + n) } },
    })),
  );
for (const inFlight of [1, 16, 128]) await rate('put', inFlight, (n) => state.write({ put: key(n), body }));
for (const inFlight of [16, 128])
  await rate('put, one index, one event', inFlight, (n) =>
    state.write({
      put: key(n),
      body,
      indexes: { index1: { pk: `NODE#${n % 100}`, sk: String(n) } },
      events: [event(n)],
    }),
  );
for (const inFlight of [1, 16, 128])
  await rate('update on condition', inFlight, (n) =>
    state.write({
      update: { pk: 'UPDATE', sk: String(n % 500) },
      set: { state: 'InProgress' },
      add: { count: 1 },
      when: { missing: ['gone'] },
    }),
  );
for (const inFlight of [1, 16])
  await rate('transaction of 3', inFlight, (n) =>
    state.transact([{ put: key(n), body }, { update: { pk: 'T', sk: `${n}` }, set: { n } }, { delete: key(n - 5000) }]),
  );
await rate('get, the same 50 rows', 1, (n) => state.get(key(n % 50)));
await rate('get', 1, (n) => state.get(key(n % seeded)));
await rate('get, many at once', 64, (n) => state.get(key(n % seeded)));
await rate('query of 25', 1, (n) => state.query({ pk: key(n).pk, limit: 25 }));
await rate('query of 25 by index', 1, (n) =>
  state.query({ pk: `NODE#${n % 100}`, index: 'index1', limit: 25, reverse: true }),
);
await close();
