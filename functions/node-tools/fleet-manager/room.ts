import type { Room } from '../../room.ts';
import { defaultHostManagementOperations } from './default-host-management.ts';
import { describeInstanceInformation } from './instance-information.ts';
import { describeInstanceProperties } from './instance-properties.ts';
import { listNodesSummary } from './list-nodes-summary.ts';
import { listNodes } from './list-nodes.ts';

export const room = {
  name: 'fleet-manager',
  operations: {
    ssm: {
      ...defaultHostManagementOperations,
      DescribeInstanceInformation: describeInstanceInformation,
      DescribeInstanceProperties: describeInstanceProperties,
      ListNodes: listNodes,
      ListNodesSummary: listNodesSummary,
    },
  },
} satisfies Room;
