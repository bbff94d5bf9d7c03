/** The types of Resource Groups' operations, from AWS's own client. */
import type * as ResourceGroups from '@aws-sdk/client-resource-groups';
import type { Operations } from '../../../core/operations.ts';

export type GroupOperations = Operations<typeof ResourceGroups>;
/** The type of an operation's function: `GroupOperation<'GetGroup'>`. */
export type GroupOperation<Name extends keyof GroupOperations> = NonNullable<GroupOperations[Name]>;
