/** What an update makes of a row's body. Pure. */
import { checkUpdate } from './state-limits.ts';
import { StateLimitExceeded, type Body, type Update } from './state.ts';

/**
 * Attributes may be called anything, `__proto__` and `constructor` too: what a body has is its own.
 * @param body as it is; none where the row is not there
 * @throws StateLimitExceeded for an attribute that is named twice, or is no number and is added to
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
