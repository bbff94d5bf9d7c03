/** Woken when a resource group is made, has another query or goes: its nodes may match other associations. */
import type { EventHandler } from '../../../core/events.ts';
import type { GroupChange } from '../../tags/index.ts';
import { isGroupTargeted } from './target-entries.ts';
import { groupTimer } from './timers.ts';

/** The nodes of a group may be a fleet: a timer goes through them. */
export const handler: EventHandler<GroupChange> = async (event, context) => {
  const { 'group-name': group, 'query-before': before, 'query-after': after } = event.detail;
  if (!(await isGroupTargeted(group, context.state))) return;
  const queries = {
    ...(before === undefined ? {} : { 'query-before': before }),
    ...(after === undefined ? {} : { 'query-after': after }),
  };
  await context.state.write(groupTimer(group, event.id, Date.parse(event.time), queries));
};
