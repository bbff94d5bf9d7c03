/** The rule `flotilla/import-one-way`: imports go down the layers of lint/layers.js. */
import path from 'node:path';
import { compositionOnly, compositions, doors, foundations, layers } from './layers.js';

const under = (folder, file) => file === folder || file.startsWith(`${folder}/`);
const placeOf = (file) => {
  for (const [layer, rooms] of layers.entries())
    for (const room of rooms) if (under(room, file)) return { room, layer };
  return undefined;
};

/**
 * Why `from` may not import `to` (both relative to the root), or undefined where it may.
 * @param {string} from
 * @param {string} to
 * @returns {string | undefined}
 */
export function whyNot(from, to) {
  for (const folder of compositionOnly)
    if (under(folder, to) && !under(folder, from) && !compositions.some((composition) => under(composition, from)))
      return `${folder} is imported only where a context is composed`;
  for (const [foundation, allowed] of Object.entries(foundations))
    if (
      under(foundation, from) &&
      !under(foundation, to) &&
      !compositions.some((composition) => under(composition, from)) &&
      !allowed.some((folder) => under(folder, to))
    )
      return `${foundation}/ imports only ${[foundation, ...allowed].join(', ')}`;
  if (
    /(^|\/)room\.ts$/.test(to) &&
    placeOf(to) !== undefined &&
    from !== 'functions/registry.ts' &&
    !under('test', from)
  )
    return `a room's manifest is for the registry alone (${to})`;
  const importer = placeOf(from);
  if (importer === undefined) return undefined;
  if (doors.some((door) => under(door, to))) return `a room does not import a door (${to})`;
  const imported = placeOf(to);
  if (imported === undefined || imported.room === importer.room) return undefined;
  if (imported.layer >= importer.layer)
    return `${importer.room} (layer ${importer.layer}) may not import ${imported.room} (layer ${imported.layer}): upward goes by event`;
  if (to !== `${imported.room}/index.ts`) return `another room is imported by its index.ts only`;
  return undefined;
}

/** @type {import('eslint').Rule.RuleModule} */
export const importOneWay = {
  meta: { type: 'problem', schema: [], messages: { wrongWay: '{{ reason }}' } },
  create(context) {
    const root = context.cwd;
    const from = path.relative(root, context.filename);
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== 'string' || !source.startsWith('.')) return;
      const to = path.relative(root, path.resolve(path.dirname(context.filename), source));
      const reason = whyNot(from, to);
      if (reason !== undefined) context.report({ node: node.source, messageId: 'wrongWay', data: { reason } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
