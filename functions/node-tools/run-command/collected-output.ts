/** Where the full output of a collecting document lies in the service's own bucket. */
import type { Context } from '../../../core/context.ts';
import { collectedPrefix } from './messages.ts';
import { readSteps } from './step-store.ts';
import { readInvocation } from './store.ts';

export interface CollectedOutput {
  readonly bucket: string;
  readonly key: string;
  /** The step that wrote it. */
  readonly step: string;
  /** The step's exit code, -1 where it did not come to an end. */
  readonly responseCode: number;
}

/** One entry a step that has reported, in the order of the document. */
export async function collectedOutput(context: Context, commandId: string, nodeId: string): Promise<CollectedOutput[]> {
  const invocation = await readInvocation(context.state, commandId, nodeId);
  const steps = invocation === undefined ? [] : await readSteps(context.state, invocation.body);
  return steps.map((step) => ({
    bucket: context.serviceBucket,
    key: [collectedPrefix, commandId, nodeId, step.action.replaceAll(':', ''), step.name, 'stdout'].join('/'),
    step: step.name,
    responseCode: step.responseCode,
  }));
}
