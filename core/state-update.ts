/** Applies an update to a row's body. Pure. */
import { checkUpdate } from './state-limits.ts';
import { StateLimitExceeded, type Body, type Update } from './state.ts';

/**
 * The body after an update. Attributes may have any name, also `__proto__` and `constructor`: only the body's own
 * properties count.
 * @param body the current one; absent where there is no row
 * @throws StateLimitExceeded for an attribute that is named twice, or that is added to and is no number
 */
export function updatedBody(body: Body | undefined, update: Pick<Update, 'update' | 'set' | 'remove' | 'add'>): Body {
  checkUpdate(update);
  const { set = {}, remove = [], add = {} } = update;
  const members = new Map<string, unknown>([...Object.entries(body ?? {}), ...Object.entries(set)]);
  for (const name of remove) members.delete(name);
  for (const [name, amount] of Object.entries(add)) {
    const old = members.has(name) ? members.get(name) : 0;
    if (typeof old !== 'number')
      throw new StateLimitExceeded(`${name} of ${update.update.pk} / ${update.update.sk} is no number`);
    members.set(name, old + amount);
  }
  return Object.fromEntries(members);
}
