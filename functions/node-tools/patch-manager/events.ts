/** The events of Patch Manager, with the same members as AWS's (spec: compliance.md §7). */
import { nodeArn } from '../../../core/arns.ts';
import type { Context } from '../../../core/context.ts';
import { newEvent, type OutgoingEvent } from '../../../core/events.ts';
import type { PatchStateItem } from './store.ts';

export interface PatchComplianceStateChange {
  readonly 'resource-type': 'managed-instance';
  readonly 'resource-id': string;
  readonly 'compliance-status': 'compliant' | 'non_compliant';
  readonly 'compliance-type': 'Patch';
  readonly 'patch-baseline-id': string;
  /** Lower case. */
  readonly severity: string;
}

/** The event for a node that became compliant or non-compliant; none while its status stays the same. */
export function patchComplianceChanged(
  before: Pick<PatchStateItem, 'counts'> | undefined,
  after: Pick<PatchStateItem, 'nodeId' | 'baselineId' | 'counts'>,
  context: Context,
): OutgoingEvent<PatchComplianceStateChange>[] {
  if (before?.counts.compliant === after.counts.compliant) return [];
  return [
    newEvent(context, 'Configuration Compliance State Change', {
      resources: [nodeArn(context, after.nodeId)],
      detail: {
        'resource-type': 'managed-instance',
        'resource-id': after.nodeId,
        'compliance-status': after.counts.compliant ? 'compliant' : 'non_compliant',
        'compliance-type': 'Patch',
        'patch-baseline-id': after.baselineId,
        severity: after.counts.severity.toLowerCase(),
      },
    }),
  ];
}
