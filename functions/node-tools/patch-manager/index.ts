/** What other rooms and `npm start` may call. */
import type { Context } from '../../../core/context.ts';
import { readPatchState, type PatchStateItem } from './store.ts';

/**
 * A scan's exit status when package repositories could not be reached: nothing was judged, and trying again may help.
 */
export const repositoriesUnreachable = 3;

/**
 * The repositories that a scan of that status could not reach, as apt names them, with commas between them.
 * @param standardError what scan.sh wrote there
 * @returns `undefined` where it names none
 */
export function unreachedRepositories(standardError: string): string | undefined {
  return /^Package repositories could not be reached: (.*); nothing was judged\.$/m.exec(standardError)?.[1];
}

/** What the last operation on a node came to, and where its reports lie. */
export type NodePatchState = Omit<PatchStateItem, 'chunks'>;

/** The last patch operation of a node; `undefined` before its first. */
export async function nodePatchState(context: Context, nodeId: string): Promise<NodePatchState | undefined> {
  return (await readPatchState(context.state, nodeId))?.body;
}
