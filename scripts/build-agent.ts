/**
 * `node scripts/build-agent.ts`: builds the agent as one file for Node 20 and later, dist/agent/flotilla-agent.mjs.
 * Nothing else must be installed.
 */
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

export interface AgentBundle {
  readonly file: string;
  readonly bytes: number;
}

/** @param file the output; default dist/agent/flotilla-agent.mjs in the root */
export async function buildAgent(file = path.join(root, 'dist/agent/flotilla-agent.mjs')): Promise<AgentBundle> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['agent/main.js'],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifySyntax: true,
    legalComments: 'inline',
    metafile: true,
    // Optional modules of ws.
    external: ['bufferutil', 'utf-8-validate'],
    // ws is CommonJS and loads Node's own modules with `require`.
    banner: {
      js: `#!/usr/bin/env node\nimport { createRequire as createRequireOfBundle } from 'node:module';\nconst require = createRequireOfBundle(import.meta.url);`,
    },
  });
  return { file, bytes: Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0) };
}

if (process.argv[1] === import.meta.filename) {
  const { file, bytes } = await buildAgent();
  console.log(`${path.relative(root, file)}  ${(bytes / 1024).toFixed(0)} KiB`);
}
