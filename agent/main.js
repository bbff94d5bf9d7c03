/**
 * The agent's program. Plain JavaScript, like local/start.js: with the compile cache warm nothing has to be
 * stripped, and the stripper's memory is spared. Node 20, where the bundle runs, has no such cache.
 */
import * as modules from 'node:module';

modules.enableCompileCache?.();
const { main } = await import('./command-line.ts');
await main();
