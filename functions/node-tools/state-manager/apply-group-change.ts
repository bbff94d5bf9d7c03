/** Goes through the nodes that a group had and those that it has, and looks up the associations of each anew. */
import { isOver } from '../../../core/deadline.ts';
import { manyAtOnce } from '../../../core/many-at-once.ts';
import { carryOn, unfinished, type TimerHandler } from '../../../core/timers.ts';
import { resolveGroup } from '../../nodes/index.ts';
import { parseQuery } from '../../tags/index.ts';
import { applyAssociations } from './apply-associations.ts';
import type { GroupPayload } from './timers.ts';

const pageSize = 100;
const atOnce = 8;

/**
 * The timer's handler. A node is judged by what holds when it is its turn, so that changes may come in any order; and a
 * node whose tags change meanwhile has an event of its own.
 */
export const handleGroupChange: TimerHandler<GroupPayload> = async (timer, context) => {
  const { at = { query: 0 } } = timer.payload;
  const queries = [timer.payload['query-before'], timer.payload['query-after']];
  let { after } = at as { after?: string | undefined };
  for (let query = at.query; query < queries.length; query++) {
    const text = queries[query];
    if (text === undefined) continue;
    do {
      if (isOver(context)) return carryOn(timer, { ...timer.payload, at: { query, after } }, context);
      const page = await resolveGroup(context, parseQuery(text), { after, limit: pageSize });
      let isCut = false;
      await manyAtOnce(page.nodeIds, atOnce, async (nodeId) => {
        if ((await applyAssociations(nodeId, context)) === unfinished) isCut = true;
      });
      if (isCut) return carryOn(timer, { ...timer.payload, at: { query, after } }, context);
      after = page.next;
    } while (after !== undefined);
  }
  return undefined;
};
