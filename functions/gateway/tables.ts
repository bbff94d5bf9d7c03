/** What the gateway carries and reports to: the registry's messages, and Run Command for what nodes say of them. */
import { recordDelay, recordDelivery, recordReply } from '../node-tools/run-command/index.ts';
import { messages } from '../registry.ts';
import type { GatewayHooks } from './hooks.ts';

export const hooks: GatewayHooks = { renderers: messages, recordDelivery, recordDelay, recordReply };
