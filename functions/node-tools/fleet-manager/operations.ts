/** What this room gives the registry. */
import type { SsmOperations } from '../../../core/operations.ts';
import { defaultHostManagementOperations } from './default-host-management.ts';
import { describeInstanceInformation } from './instance-information.ts';
import { describeInstanceProperties } from './instance-properties.ts';
import { listNodesSummary } from './list-nodes-summary.ts';
import { listNodes } from './list-nodes.ts';

export const operations = {
  ...defaultHostManagementOperations,
  DescribeInstanceInformation: describeInstanceInformation,
  DescribeInstanceProperties: describeInstanceProperties,
  ListNodes: listNodes,
  ListNodesSummary: listNodesSummary,
} satisfies SsmOperations;
