/** How far the fleet is: to the process that started this one, or a line for the person at the terminal. */

const pause = 500;
let told = 0;
let last = '';

/** A line is written when something has changed, and not more often than is read. */
export function tell(counts: Readonly<Record<string, number>>): void {
  if (process.send !== undefined) return void process.send(counts);
  const line = Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
  if (line === last || Date.now() - told < pause) return;
  last = line;
  told = Date.now();
  process.stderr.write(`${line}\n`);
}
