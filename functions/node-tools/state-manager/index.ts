/** What other rooms and the gateway may call. */
export { refreshKind, renderRefresh } from './refresh-message.ts';
export { taggableAssociation } from './taggable.ts';
export { madeByAdmin } from './made-by-admin.ts';
