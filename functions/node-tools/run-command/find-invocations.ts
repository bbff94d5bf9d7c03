/** Finds the nodes that a command's Targets mean, and writes an invocation for each. */
import type { Context } from '../../../core/context.ts';
import type { FoundTargets } from '../../fan-out/index.ts';
import { getNodes, resolveTargets } from '../../nodes/index.ts';
import { newInvocation, writeNewInvocation } from './new-invocation.ts';
import type { CommandBody } from './store.ts';

/** Nodes looked up at once: five transactions of 97. */
const batchSize = 485;

export async function findInvocations(command: CommandBody, context: Context): Promise<FoundTargets> {
  const found = await resolveTargets(context, command.targets, { after: command.spreadAfter, limit: batchSize });
  const nodes = await getNodes(context, found.nodeIds);
  return {
    targets: nodes.map((node) => ({
      id: node.id,
      writes: [writeNewInvocation(newInvocation(command, node), context)],
    })),
    next: found.next,
  };
}
