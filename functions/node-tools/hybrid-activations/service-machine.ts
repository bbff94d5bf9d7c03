/** Finds out whether an agent runs on Flotilla's own machine, with Flotilla's own rights or more (docs/access.md). */
import type { RequestContext } from '../../../core/context.ts';

/**
 * Whether the request comes from a process on this machine that runs as root or as Flotilla's own user. The kernel is
 * asked, because an agent could lie. Each step of an agent asks (registration, role token, report), so that an agent
 * that is restarted as root is noticed too.
 */
export async function isOnServiceMachine({ request }: Pick<RequestContext, 'request'>): Promise<boolean> {
  return (await request.fromServiceMachine?.()) ?? false;
}
