/** Counts dead letters in a metric, so that an alarm can report them. Dead letters themselves are rows. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { deadLetterPartition } from '../core/dead-letters.ts';
import type { Check, State, Write } from '../core/state.ts';

/**
 * Wraps a state: it also adds to the metric `DeadLetters` in the namespace `Flotilla` for each dead letter that is
 * written.
 * @param table a dimension, because an account may have several Flotillas
 */
export function countingDeadLetters(state: State, table: string): State {
  const metrics = new Metrics({ namespace: 'Flotilla', serviceName: 'dead-letters' });
  const count = (writes: readonly (Write | Check)[]): void => {
    const letters = writes.filter((write) => 'put' in write && write.put.pk === deadLetterPartition).length;
    // Written to the log; CloudWatch makes the metric of it.
    if (letters > 0)
      metrics.singleMetric().addDimension('table', table).addMetric('DeadLetters', MetricUnit.Count, letters);
  };
  return {
    get: (...call) => state.get(...call),
    getMany: (...call) => state.getMany(...call),
    query: (query) => state.query(query),
    write: async (write) => {
      const row = await state.write<never>(write);
      count([write]);
      return row;
    },
    transact: async (writes) => {
      await state.transact(writes);
      count(writes);
    },
    batch: (writes) => state.batch(writes),
  };
}
