/** What other rooms and the gateway may call of Run Command. */
export { collectedOutput } from './collected-output.ts';
export { recordDelay, recordDelivery, recordReply, type NodeReply } from './record-reply.ts';
