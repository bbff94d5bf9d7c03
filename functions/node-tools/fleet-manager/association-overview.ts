/** The states of a node's associations in the API's form. Pure. */
import type { InstanceInformation } from '@aws-sdk/client-ssm';
import type { ListedNode } from '../../nodes/index.ts';
import { associationStatusOf } from './node-attributes.ts';

type Shown = Pick<
  InstanceInformation,
  | 'AssociationStatus'
  | 'LastAssociationExecutionDate'
  | 'LastSuccessfulAssociationExecutionDate'
  | 'AssociationOverview'
>;

/** Empty for a node without associations. */
export function associationOverview({ associations }: Pick<ListedNode, 'associations'>): Shown {
  const status = associationStatusOf(associations);
  if (associations === undefined || status === undefined) return {};
  const { lastExecutionAt, lastSuccessAt, ...counts } = associations;
  return {
    AssociationStatus: status,
    ...(lastExecutionAt === undefined ? {} : { LastAssociationExecutionDate: new Date(lastExecutionAt) }),
    ...(lastSuccessAt === undefined ? {} : { LastSuccessfulAssociationExecutionDate: new Date(lastSuccessAt) }),
    AssociationOverview: {
      DetailedStatus: status,
      InstanceAssociationStatusAggregatedCount: Object.fromEntries(
        Object.entries(counts).filter(([, count]) => count > 0),
      ),
    },
  };
}
