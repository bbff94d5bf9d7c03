/** What other rooms may call. */
export { taggableParameter } from './taggable.ts';
