/** Locks the data folder that it is given, says so, and stays until it is killed. */
import { lockDataFolder } from '../../local/sqlite-state.ts';

setInterval(() => undefined, 60_000);
try {
  lockDataFolder(process.argv[2]!);
  process.stdout.write('locked\n');
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}
