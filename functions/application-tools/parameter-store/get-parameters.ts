/** GetParameter, GetParameters. */
import { assertMayRead } from '../../../core/admin-work.ts';
import type { RequestContext } from '../../../core/context.ts';
import { ValidationException } from '../../../core/errors.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { ParameterNotFound, ParameterVersionNotFound } from './errors.ts';
import { isPublic, publicVersion } from './public-parameters.ts';
import { findVersion, shown, type FoundVersion } from './read-parameter.ts';

export const getParameter: SsmOperation<'GetParameter'> = async (
  { Name: name, WithDecryption: withDecryption },
  context,
) => ({ Parameter: await shown(await find(name, withDecryption, context), withDecryption, 'GetParameter', context) });

/** Ordered by name. Names that do not exist are listed in the answer; they are no error. */
export const getParameters: SsmOperation<'GetParameters'> = async (
  { Names: names, WithDecryption: withDecryption },
  context,
) => {
  if (new Set(names).size < names.length)
    throw new ValidationException('The request names a parameter more than once.');
  const found = await Promise.all(names.map((name) => find(name, withDecryption, context).catch(absent)));
  const present = found.filter((version) => version !== undefined).sort(byName);
  return {
    Parameters: await Promise.all(present.map((version) => shown(version, withDecryption, 'GetParameters', context))),
    InvalidParameters: names.filter((_name, at) => found[at] === undefined),
  };
};

async function find(name: string, withDecryption: boolean | undefined, context: RequestContext): Promise<FoundVersion> {
  const found = await (isPublic(name) ? publicVersion(name, context, withDecryption) : findVersion(context, name));
  // A node uses the value in what it runs.
  const { item } = found;
  assertMayRead(context.caller, item, `version ${item.version} of the parameter ${item.name}`, context.settings);
  return found;
}

function absent(error: unknown): undefined {
  if (error instanceof ParameterNotFound || error instanceof ParameterVersionNotFound) return undefined;
  throw error;
}

function byName({ item: one, selector: first }: FoundVersion, { item: other, selector: second }: FoundVersion): number {
  const [left, right] = [`${one.name}${first?.text ?? ''}`, `${other.name}${second?.text ?? ''}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
