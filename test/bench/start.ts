/**
 * How long `npm start` takes to answer, and what it weighs a minute later: the server alone, without the agent.
 *
 *   npm run bench -- start [STARTS]
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../support/state.ts';

const starts = Number(process.argv[2] ?? 5);
const root = path.resolve(import.meta.dirname, '../..');

/** @returns milliseconds from the exec of node to the line that says it answers */
async function start(data: string, minutes: number): Promise<{ ready: number; kilobytes?: number }> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [path.join(root, 'local/start.js'), '--port', '0', '--data', data, '--no-agent'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const ready = performance.now() - began;
  await sleep(minutes * 60_000 + 200);
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await ended;
  return { ready, kilobytes };
}

const { folder, remove } = temporaryFolder();
try {
  rmSync(path.join(root, 'node_modules/.cache/flotilla'), { recursive: true, force: true });
  const first = await start(path.join(folder, 'data'), 0);
  console.log(`first start, with a new data folder and no compile cache: ${first.ready.toFixed(0)} ms`);
  const later: number[] = [];
  for (let count = 0; count < starts; count++) later.push((await start(path.join(folder, 'data'), 0)).ready);
  console.log(`later starts: ${later.map((one) => one.toFixed(0)).join(', ')} ms`);
  const { kilobytes } = await start(path.join(folder, 'data'), 1);
  console.log(`resident a minute after it was ready: ${((kilobytes ?? 0) / 1000).toFixed(1)} MB`);
} finally {
  remove();
}
