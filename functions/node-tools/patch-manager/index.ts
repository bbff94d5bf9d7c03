/** What other rooms and `npm start` may call. */
import type { Context } from '../../../core/context.ts';
import { readPatchState, type PatchStateItem } from './store.ts';

/** A scan's exit code when package repositories could not be reached: nothing was judged, and a retry may help. */
export const repositoriesUnreachable = 3;

/**
 * The repositories that a scan with that exit code could not reach, with apt's names, separated by commas.
 * @param standardError the output of scan.sh
 * @returns `undefined` where it names none
 */
export function unreachedRepositories(standardError: string): string | undefined {
  return /^Package repositories could not be reached: (.*); nothing was judged\.$/m.exec(standardError)?.[1];
}

/** The result of the last operation on a node, and where its reports are stored. */
export type NodePatchState = Omit<PatchStateItem, 'chunks'>;

/** The last patch operation of a node; `undefined` before its first. */
export async function nodePatchState(context: Context, nodeId: string): Promise<NodePatchState | undefined> {
  return (await readPatchState(context.state, nodeId))?.body;
}
