/** Locks the data folder that it is given, says so, collects its garbage, and stays until it is killed. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { lockDataFolder } from '../../local/sqlite-state.ts';

setInterval(() => undefined, 60_000);
try {
  lockDataFolder(process.argv[2]!);
  process.stdout.write('locked\n');
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
for (let turn = 0; turn < 3; turn++) {
  await nextTurn();
  collect();
}
process.stdout.write('collected\n');
