/**
 * `npm run build`: builds everything that is deployed into dist/: one bundle for each route, the API, the gateway, and
 * the nodes' agent.
 */
import { buildAgent } from './build-agent.ts';
import { buildBundles } from './bundles.ts';

const bundles = await buildBundles();
const width = Math.max(...bundles.map(({ name }) => name.length));
for (const { name, bytes, lazyBytes, documents } of bundles)
  console.log(
    `${name.padEnd(width)}  ${(bytes / 1024).toFixed(0).padStart(6)} KiB  + ${(lazyBytes / 1024).toFixed(0).padStart(4)} KiB when used${documents.length > 0 ? `  + ${documents.length} documents` : ''}`,
  );
const agent = await buildAgent();
console.log(`${'agent'.padEnd(width)}  ${(agent.bytes / 1024).toFixed(0).padStart(6)} KiB`);
