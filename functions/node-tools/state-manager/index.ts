/** What `npm start` may call. */
export { madeByAdmin } from './made-by-admin.ts';
