/** Whose messages the gateway carries: each room's, by kind. */
import {
  recordDelay,
  recordDelivery,
  recordReply,
  renderCancel,
  renderCommand,
} from '../node-tools/run-command/index.ts';
import { refreshKind, renderRefresh } from '../node-tools/state-manager/index.ts';
import type { GatewayHooks } from './hooks.ts';

export const hooks: GatewayHooks = {
  renderers: { command: renderCommand, cancel: renderCancel, [refreshKind]: renderRefresh },
  recordDelivery,
  recordDelay,
  recordReply,
};
