/** The one row that is the gateway's own. Connections and messages are the nodes room's. */
import type { Key } from '../../core/state.ts';

/** Says that a channel token has been used. */
export const spentTokenKey = (number: string): Key => ({ pk: `CHANNEL-TOKEN#${number}`, sk: 'SPENT' });
