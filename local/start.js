/**
 * `npm start`. Everything else is loaded after the compile cache is on: it keeps the code of earlier starts,
 * types stripped, which is most of what a start costs. That is why this file is plain JavaScript: stripping
 * even one file loads the stripper, some 15 MB (docs/decisions/0001).
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import path from 'node:path';

enableCompileCache(path.resolve(import.meta.dirname, '../node_modules/.cache/flotilla'));
const { main } = await import('./start/main.ts');
await main(flushCompileCache);
