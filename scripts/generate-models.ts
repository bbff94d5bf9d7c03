/**
 * Makes functions/api/models/<service>.json from AWS's service models (NOTICE): what decoding, checking and
 * encoding need, and no more. The same input gives the same bytes; a line a shape, so that a new model reads
 * as a diff.
 *
 *   node scripts/generate-models.ts FOLDER    FOLDER holds <service>.json with operations and shapes
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { services } from '../functions/api/services.ts';

type Json = string | number | boolean | null | Json[] | { [member: string]: Json | undefined };
type Fields = { [member: string]: Json | undefined };

interface SourceModel {
  readonly apiVersion: string;
  readonly jsonVersion: string | null;
  readonly protocol: readonly string[];
  readonly service: string;
  readonly signingName: string;
  readonly targetPrefix: string | null;
  readonly operations: Readonly<Record<string, Fields>>;
  readonly shapes: Readonly<Record<string, Fields>>;
}

/** The model's text in the form that the front door loads. */
export function compactModel(source: SourceModel): string {
  const { apiVersion, jsonVersion, service, signingName, targetPrefix } = source;
  const head = {
    service,
    protocol: source.protocol[0],
    signingName,
    apiVersion,
    ...(jsonVersion === null ? {} : { jsonVersion }),
    ...(targetPrefix === null ? {} : { targetPrefix }),
  };
  const operations = byName(source.operations).map(([name, operation]) =>
    line(name, chosen(operation, ['http', 'input', 'output', 'errors'])),
  );
  const used = reachable(source);
  const shapes = byName(source.shapes)
    .filter(([name]) => used.has(name))
    .map(([name, shape]) => line(name, compactShape(shape)));
  return `${JSON.stringify(head).slice(0, -1)},\n"operations":{\n${operations.join(',\n')}\n},\n"shapes":{\n${shapes.join(',\n')}\n}}\n`;
}

function compactShape(shape: Fields): Fields {
  const compact = chosen(shape, [
    'type',
    'required',
    'members',
    'member',
    'key',
    'value',
    'payload',
    'min',
    'max',
    'pattern',
    'enum',
    'sensitive',
    'union',
    'fault',
    'timestampFormat',
  ]);
  if (compact['members'] !== undefined)
    compact['members'] = Object.fromEntries(
      Object.entries(compact['members'] as Record<string, Fields>).map(([name, member]) => [
        name,
        chosen(member, ['shape', 'location', 'locationName']),
      ]),
    );
  for (const part of ['member', 'key', 'value'])
    if (compact[part] !== undefined) compact[part] = chosen(compact[part] as Fields, ['shape', 'locationName']);
  const error = shape['error'] as Fields | undefined;
  if (shape['exception'] === true) compact['error'] = chosen(error ?? {}, ['code', 'httpStatusCode']);
  return compact;
}

/** The shapes that an operation's input, output or errors lead to. */
function reachable({ operations, shapes }: SourceModel): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const shape = shapes[name];
    if (shape === undefined) throw new Error(`no shape ${name}`);
    for (const member of Object.values((shape['members'] ?? {}) as Record<string, { shape: string }>))
      visit(member.shape);
    for (const part of ['member', 'key', 'value'])
      if (shape[part] !== undefined) visit((shape[part] as { shape: string }).shape);
  };
  for (const { input, output, errors } of Object.values(operations))
    for (const name of [input, output, ...((errors ?? []) as string[])]) if (name !== undefined) visit(name as string);
  return seen;
}

function chosen(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.flatMap((name) => (fields[name] === undefined || fields[name] === null ? [] : [[name, fields[name]]])),
  );
}

function byName(fields: Readonly<Record<string, Fields>>): [string, Fields][] {
  return Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1));
}

function line(name: string, fields: Fields): string {
  return `${JSON.stringify(name)}:${JSON.stringify(fields)}`;
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('usage: node scripts/generate-models.ts FOLDER');
  for (const { name } of services) {
    const text = compactModel(JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as SourceModel);
    writeFileSync(path.join(import.meta.dirname, '../functions/api/models', `${name}.json`), text);
    console.log(`${name}: ${text.length} bytes`);
  }
}
