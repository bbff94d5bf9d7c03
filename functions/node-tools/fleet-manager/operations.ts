/** What this room gives the registry. */
import type { SsmOperations } from '../../../core/operations.ts';
import { describeInstanceInformation } from './instance-information.ts';

export const operations = { DescribeInstanceInformation: describeInstanceInformation } satisfies SsmOperations;
