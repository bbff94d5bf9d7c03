/**
 * Some nodes take work only from admins: nodes whose agent runs on Flotilla's own machine as root or as Flotilla's own
 * user. Such an agent can read the admin's key, so whoever gives it work is an admin (docs/access.md).
 *
 * Work is more than a command: it is also the document that the command runs, and each parameter and object that the
 * node reads while it runs. Each of these rows says whether an admin wrote it.
 */
import type { Caller } from './caller.ts';
import type { Settings } from './context.ts';
import { AccessDeniedException } from './errors.ts';

/**
 * Whether what a caller writes counts as an admin's: an admin, or the service on its own account.
 * @example { put: key, body: { ...version, byAdmin: isAdmin(context.caller) } }
 */
export function isAdmin(caller: Caller): boolean {
  return caller.kind === 'service' || (caller.kind === 'person' && caller.role === 'admin');
}

/** Whether a node takes work only from admins. `--share-this-machine` lifts the rule for all nodes. */
export function takesOnlyAdminWork(
  node: { readonly onServiceMachine?: true | undefined },
  { shareThisMachine = false }: Pick<Settings, 'shareThisMachine'>,
): boolean {
  return node.onServiceMachine === true && !shareThisMachine;
}

/** Whether the caller is a node that may read this only if an admin wrote it. */
export function mayRead(
  caller: Caller,
  { byAdmin }: { readonly byAdmin?: boolean | undefined },
  settings: Pick<Settings, 'shareThisMachine'>,
): boolean {
  return caller.kind !== 'node' || byAdmin === true || !takesOnlyAdminWork(caller, settings);
}

/**
 * For operations by which a node reads what it then runs.
 * @param what as the error names it: `version 2 of the document Deploy`
 * @throws AccessDeniedException when the caller is a node that takes work only from admins, and no admin wrote it
 */
export function assertMayRead(
  caller: Caller,
  written: { readonly byAdmin?: boolean | undefined },
  what: string,
  settings: Pick<Settings, 'shareThisMachine'>,
): void {
  if (mayRead(caller, written, settings)) return;
  throw new AccessDeniedException(
    `User: ${caller.arn} is not authorized to read ${what}: it was not written by an admin, and this node runs on Flotilla's own machine, so it takes work only from admins.`,
  );
}
