/** Reports a fleet's progress to the parent process, or as a line on the terminal. */

const pause = 500;
let lastWrite = 0;
let last = '';

/** A line is written only when something has changed, and at most once in each interval. */
export function tell(counts: Readonly<Record<string, number>>): void {
  if (process.send !== undefined) return void process.send(counts);
  const line = Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
  if (line === last || Date.now() - lastWrite < pause) return;
  last = line;
  lastWrite = Date.now();
  process.stderr.write(`${line}\n`);
}
