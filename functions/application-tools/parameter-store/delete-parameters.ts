/** DeleteParameter, DeleteParameters. */
import type { RequestContext } from '../../../core/context.ts';
import { TooManyUpdates, ValidationException } from '../../../core/errors.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { conflictAs, retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Put } from '../../../core/state.ts';
import { ParameterNotFound } from './errors.ts';
import { parameterChanged } from './events.ts';
import { noSuchParameter, wholeId } from './names.ts';
import { readParameter } from './read-parameter.ts';
import { removalOf } from './remove-parameter.ts';

export const deleteParameter: SsmOperation<'DeleteParameter'> = async ({ Name: name }, context) => {
  await remove(name, context, () => context.auditWrites({}));
  return {};
};

/** Names that do not exist, or are invalid, are listed in the answer; they are no error. */
export const deleteParameters: SsmOperation<'DeleteParameters'> = async ({ Names: names }, context) => {
  if (new Set(names).size < names.length)
    throw new ValidationException('The request names a parameter more than once.');
  const removed = await Promise.all(names.map((name) => remove(name, context, () => []).then(() => true, isAbsent)));
  return {
    DeletedParameters: names.filter((_name, at) => removed[at]),
    InvalidParameters: names.filter((_name, at) => !removed[at]),
  };
};

async function remove(name: string, context: RequestContext, audit: () => readonly Put[]): Promise<void> {
  const id = wholeId(name, context);
  await conflictAs(
    retryOnConflict(async () => {
      const row = await readParameter(context, id);
      if (row === undefined) throw noSuchParameter(name);
      await context.state.transact([
        ...(await removalOf(row, [parameterChanged('Delete', row.body, context)], context)),
        ...audit(),
      ]);
    }, context),
    () => new TooManyUpdates('There are concurrent updates for a resource that supports one update at a time.'),
  );
}

function isAbsent(error: unknown): false {
  if (error instanceof ParameterNotFound || error instanceof ValidationException) return false;
  throw error;
}
