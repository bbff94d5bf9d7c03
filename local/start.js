/**
 * `npm start`. Everything else is loaded after the compile cache is on: it keeps the code of earlier starts,
 * types stripped, which is most of what a start costs. That is why this file is plain JavaScript: stripping
 * even one file loads the stripper, some 15 MB (docs/decisions/0001).
 */
import * as modules from 'node:module';
import { fileURLToPath } from 'node:url';
import { runOnNode24, runsSources } from '../core/on-node-24.js';

if (runsSources) {
  modules.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/flotilla', import.meta.url)));
  const { main } = await import('./start/main.ts');
  await main(modules.flushCompileCache);
} else await runOnNode24(fileURLToPath(import.meta.url));
