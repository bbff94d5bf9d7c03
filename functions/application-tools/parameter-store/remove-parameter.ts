/** The writes that delete a parameter with everything that belongs to it. */
import type { Context } from '../../../core/context.ts';
import type { OutgoingEvent } from '../../../core/events.ts';
import type { Row, Write } from '../../../core/state.ts';
import { removeTags } from '../../tags/index.ts';
import { idOf } from './names.ts';
import { timerWrites } from './policy-timers.ts';
import { purgeTimer } from './purge-versions.ts';
import { levelKey, orderKey, parameterKey, parameterTags, type ParameterItem } from './store.ts';

/** The writes fail when the parameter or its tags have changed since they were read. */
export async function removalOf(
  row: Row<ParameterItem>,
  events: readonly OutgoingEvent[],
  context: Context,
): Promise<Write[]> {
  const id = idOf(row.body.name);
  return [
    { delete: parameterKey(id), when: { version: row.version, equals: { incarnation: row.body.incarnation } }, events },
    { delete: orderKey(id) },
    { delete: levelKey(id) },
    ...(await removeTags(context, parameterTags(id))),
    ...timerWrites(row.body, undefined),
    purgeTimer(row.body, context),
  ];
}
