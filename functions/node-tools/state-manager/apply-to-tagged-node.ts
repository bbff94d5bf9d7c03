/** Woken when the tags of a node change: it may match other associations than before. */
import type { EventHandler } from '../../../core/events.ts';
import type { TagChange } from '../../tags/index.ts';
import { applyInTime } from './apply-in-time.ts';

export const handler: EventHandler<TagChange> = (event, context) => applyInTime(event.detail['resource-id'], context);
