/**
 * The agent's program. It is plain JavaScript, like local/start.js: with a warm compile cache nothing has to be
 * stripped, and the stripper's memory is saved. Node 20 can run the bundle, but not the sources.
 */
import * as modules from 'node:module';
import { fileURLToPath } from 'node:url';
import { runOnNode24, runsSources } from '../core/on-node-24.js';

const isBundle = !import.meta.url.endsWith('/agent/main.js');
if (runsSources || isBundle) {
  modules.enableCompileCache?.();
  const { main } = await import('./command-line.ts');
  await main();
} else await runOnNode24(fileURLToPath(import.meta.url));
