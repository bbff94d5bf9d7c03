/** The gateway's only row. Connections and messages belong to functions/nodes. */
import type { Key } from '../../core/state.ts';

/** Exists when a channel token has been used. */
export const spentTokenKey = (number: string): Key => ({ pk: `CHANNEL-TOKEN#${number}`, sk: 'SPENT' });
