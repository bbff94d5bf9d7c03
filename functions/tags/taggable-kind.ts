/** What the tags' operations and resource groups need to know of a kind of resource. Each room registers its own. */
import type { Context } from '../../core/context.ts';
import type { Key } from '../../core/state.ts';
import type { TagIndex, TagTarget } from './store.ts';

export interface TaggableKind {
  /** As the API has it: `ManagedInstance`. */
  readonly resourceType: string;
  /** Present for kinds that are found by tag. */
  readonly index?: TagIndex;
  /** What its resources are in resource groups; only of kinds that are found by tag. */
  readonly groupTypes?: readonly GroupType[];
  /** The one way to write an id of which there are several; absent: as it is given. */
  idOf?(resourceId: string): string;
  /**
   * The row that exists exactly while the resource does. `undefined` for an id that cannot be one, or whose
   * tags nobody may change.
   */
  rowOf(resourceId: string, context: Context): Promise<Key | undefined>;
}

/** A resource type of AWS's. */
export interface GroupType {
  /** `AWS::SSM::ManagedInstance` */
  readonly type: string;
  /** It is only of those whose ids begin so. */
  readonly idPrefix?: string;
  arnOf(resourceId: string, place: Place): string;
}

export type Place = Pick<Context, 'account' | 'region'>;

export function targetOf({ resourceType, index }: TaggableKind, resourceId: string): TagTarget {
  return { resourceType, resourceId, ...(index === undefined ? {} : { index }) };
}
