/**
 * Builds the bundles that are deployed: one folder for each, with everything it needs. For a route the entry file is
 * made here, from its path and its trigger; no other code is generated.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';
import { routes, type Route } from '../events/routes.ts';

const root = path.resolve(import.meta.dirname, '..');

export interface Bundle {
  readonly name: string;
  /** Relative to the root: `dist/functions/tick`. */
  readonly folder: string;
  /** The size of the code that a cold start loads: `index.mjs` and what it imports. */
  readonly bytes: number;
  /** The size of the code that is loaded when it is first used: models, clients that few functions need. */
  readonly lazyBytes: number;
  /** The documents with AWS's names that it contains. */
  readonly documents: readonly string[];
}

/** A bundle to be built. */
export interface BundlePlan {
  readonly name: string;
  readonly folder: string;
  /** TypeScript, resolved as if it were in the root. */
  readonly source: string;
}

/** Bundles besides the routes'. */
const fixed: readonly BundlePlan[] = [
  { name: 'api', folder: 'functions/api', source: `export { handler } from './aws/api.ts';` },
  {
    name: 'publish-changes',
    folder: 'functions/publish-changes',
    source: `export { handler } from './aws/publish-changes.ts';`,
  },
  { name: 'gateway', folder: 'gateway', source: `import { runGateway } from './aws/gateway.ts'; await runGateway();` },
];

export function plans(of: readonly Route[] = routes): readonly BundlePlan[] {
  return [
    ...of.map((route) => ({ name: route.name, folder: `functions/${route.name}`, source: routeEntry(route) })),
    ...fixed,
  ];
}

/** The wrapper around a route's handler. */
export function routeEntry({ name, on, run }: Route): string {
  const dot = run.lastIndexOf('.');
  const wrapper = 'queue' in on ? 'queueEntry' : 'schedule' in on ? 'scheduleEntry' : 'eventEntry';
  return [
    `import { ${run.slice(dot + 1)} as run } from './${run.slice(0, dot)}.ts';`,
    `import { ${wrapper} } from './aws/lambda.ts';`,
    `export const handler = ${wrapper}(${JSON.stringify(name)}, run);`,
  ].join('\n');
}

/**
 * Builds all bundles, or the named ones.
 * @param options.dist the output folder; default a folder in the root
 * @throws when a route's module or handler does not exist
 */
export async function buildBundles(
  options: { readonly plans?: readonly BundlePlan[]; readonly dist?: string } = {},
): Promise<readonly Bundle[]> {
  const dist = path.resolve(root, options.dist ?? 'dist');
  const bundles: Bundle[] = [];
  // One after the other, because each uses all cores.
  for (const plan of options.plans ?? plans()) bundles.push(await buildBundle(plan, dist));
  return bundles;
}

async function buildBundle({ name, folder, source }: BundlePlan, dist: string): Promise<Bundle> {
  const target = path.join(dist, folder);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const { metafile } = await build({
    stdin: { contents: source, resolveDir: root, sourcefile: `${name}.entry.ts`, loader: 'ts' },
    absWorkingDir: root,
    outdir: target,
    bundle: true,
    // Code that is imported when first used becomes a file of its own in the same folder, because documents are looked
    // for beside the code.
    splitting: true,
    entryNames: 'index',
    chunkNames: '[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Names are kept, because people read stack traces in logs.
    minifySyntax: true,
    minifyWhitespace: true,
    // The SDK is bundled, so that the tested version runs, whatever the runtime contains.
    mainFields: ['module', 'main'],
    banner: {
      js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`,
    },
    legalComments: 'external',
    logLevel: 'silent',
    metafile: true,
  });
  if (name === 'gateway') cpSync(path.join(root, 'infra', 'gateway.Dockerfile'), path.join(target, 'Dockerfile'));
  return { name, folder: path.relative(root, target), ...sizes(metafile), documents: copyDocuments(metafile, target) };
}

/** Bytes that a cold start loads, and bytes that are loaded later. */
function sizes({ outputs }: Metafile): Pick<Bundle, 'bytes' | 'lazyBytes'> {
  const isCode = (file: string): boolean => file.endsWith('.mjs');
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { path: next, kind } of outputs[file]?.imports ?? [])
      if (kind === 'import-statement' && outputs[next] !== undefined) load(next);
  };
  for (const file of Object.keys(outputs)) if (path.basename(file) === 'index.mjs') load(file);
  const bytesOf = (files: readonly string[]): number => files.reduce((sum, file) => sum + outputs[file]!.bytes, 0);
  const code = Object.keys(outputs).filter(isCode);
  return {
    bytes: bytesOf(code.filter((file) => loaded.has(file))),
    lazyBytes: bytesOf(code.filter((file) => !loaded.has(file))),
  };
}

/** Copies documents beside the code that names them (core/owned-documents.ts). */
function copyDocuments(metafile: Metafile, target: string): readonly string[] {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  const copied: string[] = [];
  for (const table of used.filter(
    (file) => path.basename(file) === 'owned-documents.ts' && !file.startsWith('core/'),
  )) {
    const folder = path.join(root, path.dirname(table), 'documents');
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder)) {
      if (copied.includes(file)) throw new Error(`two rooms own a document ${file}`);
      cpSync(path.join(folder, file), path.join(target, 'documents', file));
      copied.push(file);
    }
  }
  return copied;
}
