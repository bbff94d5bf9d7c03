/**
 * Public parameters that the operator has imported: mainly image ids, which change every week and which only Amazon
 * publishes.
 *
 * They are in one partition, ordered by name: there are some hundreds, and only imports write them.
 */
import { isAdmin } from '../../../core/admin-work.ts';
import type { Context } from '../../../core/context.ts';
import { ValidationException } from '../../../core/errors.ts';
import type { Extensions } from '../../../core/extensions.ts';
import type { Key } from '../../../core/state.ts';
import { justAfter } from '../../tags/index.ts';

interface ImportedItem {
  readonly value: string;
  /** Epoch milliseconds. */
  readonly importedAt: number;
  /** Whether an admin imported it (core/admin-work.ts). */
  readonly byAdmin?: boolean | undefined;
}

export interface Imported extends ImportedItem {
  readonly name: string;
}

const partition = 'PUBLIC-PARAMETERS';
const importedKey = (name: string): Key => ({ pk: partition, sk: name });

/** The limit of one request. */
const mostAtOnce = 100;
const longestValue = 8192;
const namePattern = /^\/aws\/service\/(?!global-infrastructure(?:\/|$))[\w.-]+(?:\/[\w.-]+)+$/;

export async function readImported({ state }: Pick<Context, 'state'>, name: string): Promise<Imported | undefined> {
  const row = await state.get<ImportedItem>(importedKey(name));
  return row === undefined ? undefined : { name, ...row.body };
}

/**
 * The first `limit` parameters below a path, after a name. Parameters below the requested level are skipped one branch
 * at a time.
 */
export async function importedUnder(
  { state }: Pick<Context, 'state'>,
  path: string,
  recursive: boolean,
  after: string,
  limit: number,
): Promise<Imported[]> {
  const prefix = `${path}/`;
  const to = `${path}/~`;
  const found: Imported[] = [];
  let from = after > prefix ? justAfter(after) : prefix;
  while (found.length < limit && from < to) {
    const { rows, next } = await state.query<ImportedItem>({ pk: partition, from, to, limit: limit - found.length });
    let branch: string | undefined;
    for (const { sk: name, body } of rows) {
      const slash = recursive ? -1 : name.indexOf('/', prefix.length);
      // The character after the slash: the first name that is not in this branch.
      if (slash >= 0) branch = `${name.slice(0, slash)}0`;
      if (branch !== undefined) break;
      found.push({ name, ...body });
    }
    if (branch === undefined && next === undefined) return found;
    from = branch ?? justAfter(rows.at(-1)!.sk);
  }
  return found;
}

export const extensions: Extensions = {
  /**
   * `{ "Parameters": [{ "Name", "Value" }] }`, up to 100, as in the answer of AWS's GetParametersByPath; other members
   * are ignored.
   */
  'PUT /x/public-parameters': {
    roles: ['admin', 'operator'],
    run: async ({ body }, { state, clock, caller }) => {
      const parameters = parametersOf(body);
      await state.batch(
        parameters.map(({ Name, Value }) => ({
          put: importedKey(Name),
          body: { value: Value, importedAt: clock.now(), byAdmin: isAdmin(caller) } satisfies ImportedItem,
        })),
      );
      return { Imported: parameters.length };
    },
  },
};

function parametersOf(body: unknown): { readonly Name: string; readonly Value: string }[] {
  const given = (body as { Parameters?: unknown } | undefined)?.Parameters;
  if (!Array.isArray(given) || given.length > mostAtOnce)
    throw new ValidationException(`Parameters must be a list of at most ${mostAtOnce}.`);
  const byName = new Map<string, string>();
  for (const { Name: name, Value: value } of given as { Name?: unknown; Value?: unknown }[]) {
    if (typeof name !== 'string' || name.length > 1011 || !namePattern.test(name))
      throw new ValidationException(
        `${String(name)} is not the name of a public parameter that can be imported: it must be under /aws/service, and not under global-infrastructure.`,
      );
    if (typeof value !== 'string' || value === '' || Buffer.byteLength(value) > longestValue)
      throw new ValidationException(`The value of ${name} must have 1 to ${longestValue} bytes.`);
    byName.set(name, value);
  }
  return [...byName].map(([Name, Value]) => ({ Name, Value }));
}
