/** What tag operations and resource groups need to know about a kind of resource. Each room registers its own kinds. */
import type { AwsLocation } from '../../core/arns.ts';
import type { Context } from '../../core/context.ts';
import type { Key } from '../../core/state.ts';
import type { TagIndex, TagTarget } from './store.ts';

export interface TaggableKind {
  /** The API's name: `ManagedInstance`. */
  readonly resourceType: string;
  /** Present for kinds that can be found by tag. */
  readonly index?: TagIndex;
  /** The resource types in resource groups; only for kinds that can be found by tag. */
  readonly groupTypes?: readonly GroupType[];
  /** Normalizes an id that can be written in several ways; absent: there is one way. */
  idOf?(resourceId: string): string;
  /**
   * The row that exists exactly while the resource does. `undefined` for an id that is not valid, or whose tags nobody
   * may change.
   */
  rowOf(resourceId: string, context: Context): Promise<Key | undefined>;
}

/** A resource type in AWS's form. */
export interface GroupType {
  /** `AWS::SSM::ManagedInstance` */
  readonly type: string;
  /** Only resources with this id prefix have the type. */
  readonly idPrefix?: string;
  arnOf(resourceId: string, location: AwsLocation): string;
}

export function targetOf({ resourceType, index }: TaggableKind, resourceId: string): TagTarget {
  return { resourceType, resourceId, ...(index === undefined ? {} : { index }) };
}
