/** Whether an agent runs on Flotilla's own machine, with Flotilla's own rights or more (docs/access.md). */
import type { RequestContext } from '../../../core/context.ts';

/**
 * Whether the request comes from a process on this machine that runs as root or as Flotilla's own user. The kernel is
 * asked, not the agent: what an agent says of itself may not spare it the rule. Asked at each step by which an agent
 * comes to be heard (registration, role token, report), so that one that is started anew as root is found too.
 */
export async function isOnServiceMachine({ request }: Pick<RequestContext, 'request'>): Promise<boolean> {
  return (await request.fromServiceMachine?.()) ?? false;
}
