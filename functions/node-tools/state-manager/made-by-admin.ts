/** Which associations nodes run that take work only from admins (core/admin-work.ts). */
import type { Context } from '../../../core/context.ts';
import { associationKey, type AssociationItem } from './store.ts';

/**
 * The ids among these whose association an admin made, or the service itself.
 * @param ids at most 100
 */
export async function madeByAdmin(context: Pick<Context, 'state'>, ids: readonly string[]): Promise<string[]> {
  const rows = await context.state.getMany<AssociationItem>(ids.map(associationKey));
  return rows.filter(({ body }) => body.byAdmin === true).map(({ body }) => body.associationId);
}
