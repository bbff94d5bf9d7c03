/** LabelParameterVersion, UnlabelParameterVersion. */
import type { RequestContext } from '../../../core/context.ts';
import { TooManyUpdates } from '../../../core/errors.ts';
import type { OutgoingEvent } from '../../../core/events.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { conflictAs, retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { parameterChanged } from './events.ts';
import { withLabels, withoutLabels, type Labels } from './labels.ts';
import { noSuchParameter, wholeId } from './names.ts';
import { noSuchVersion, readParameter } from './read-parameter.ts';
import { parameterKey, type ParameterItem } from './store.ts';

export const labelParameterVersion: SsmOperation<'LabelParameterVersion'> = (input, context) =>
  changeLabels(context, input.Name, input.ParameterVersion, (before, version, item) => {
    const { labels, invalid } = withLabels(before, version, input.Labels);
    const given = input.Labels.filter((label) => !invalid.includes(label));
    const events =
      given.length === 0 ? [] : [parameterChanged('LabelParameterVersion', item, context, { version, labels: given })];
    return { labels, events, output: { InvalidLabels: invalid, ParameterVersion: version } };
  });

export const unlabelParameterVersion: SsmOperation<'UnlabelParameterVersion'> = (input, context) =>
  changeLabels(context, input.Name, input.ParameterVersion, (before, version) => {
    const { labels, removed, invalid } = withoutLabels(before, version, input.Labels);
    return { labels, events: [], output: { RemovedLabels: removed, InvalidLabels: invalid } };
  });

interface Changed<Output> {
  readonly labels: Labels;
  readonly events: readonly OutgoingEvent[];
  readonly output: Output;
}

/** @throws ParameterNotFound, ParameterVersionNotFound, TooManyUpdates */
async function changeLabels<Output extends object>(
  context: RequestContext,
  name: string,
  version: number | undefined,
  change: (before: Labels, version: number, item: ParameterItem) => Changed<Output>,
): Promise<Output> {
  const id = wholeId(name, context);
  return conflictAs(
    retryOnConflict(async () => {
      const row = await readParameter(context, id);
      if (row === undefined) throw noSuchParameter(name);
      const { body: item } = row;
      const chosen = version ?? item.version;
      if (!(chosen >= item.oldestVersion && chosen <= item.version)) throw noSuchVersion(name, chosen);
      const { labels, events, output } = change(item.labels, chosen, item);
      await context.state.transact([
        {
          update: parameterKey(id),
          set: { labels },
          when: { version: row.version, equals: { incarnation: item.incarnation } },
          events,
        },
        ...context.auditWrites(output),
      ]);
      return output;
    }, context),
    () => new TooManyUpdates('There are concurrent updates for a resource that supports one update at a time.'),
  );
}
