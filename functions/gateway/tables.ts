/** What the gateway delivers and reports to: the registry's message kinds, and Run Command for nodes' reports. */
import { recordDelay, recordDelivery, recordReply } from '../node-tools/run-command/index.ts';
import { messages } from '../registry.ts';
import type { GatewayHooks } from './hooks.ts';

export const hooks: GatewayHooks = { renderers: messages, recordDelivery, recordDelay, recordReply };
