/** A simulated node's report of a command: each step printed a line, or failed. */
import { readDocument } from '../core/documents/document.ts';
import { report } from '../agent/report.ts';
import type { DocumentStatus, StepResult } from '../agent/result.ts';
import { agentVersion } from '../agent/version.ts';

/** The members of a sendCommand payload that are used here. */
export interface Command {
  readonly CommandId: string;
  readonly DocumentContent: unknown;
}

/** @returns undefined where the content is no command */
export function readCommand(content: string): Command | undefined {
  try {
    const value = JSON.parse(content) as Partial<Command> | null;
    return typeof value?.CommandId === 'string'
      ? { CommandId: value.CommandId, DocumentContent: value.DocumentContent }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it only asks the node to look for its associations. */
export function isRefresh({ DocumentContent }: Command): boolean {
  return stepsOf(DocumentContent).some(({ action }) => action === 'aws:refreshAssociation');
}

/** The content of the last reply, in the agent's form. */
export function commandReport(
  command: Command,
  nodeId: string,
  status: Extract<DocumentStatus, 'Success' | 'Failed' | 'Cancelled'>,
  startedAt: number,
  now: number,
): string {
  const steps = stepsOf(command.DocumentContent).map((step) => ({
    ...step,
    result: resultOf(status, nodeId, startedAt, now),
  }));
  return JSON.stringify(
    report(
      status,
      steps,
      steps.map(({ result }) => result),
      { agentVersion, now },
    ),
  );
}

/** The same command goes to the whole fleet, so its document is parsed once. */
let last:
  { readonly text: string; readonly steps: readonly { readonly name: string; readonly action: string }[] } | undefined;

function stepsOf(content: unknown): readonly { readonly name: string; readonly action: string }[] {
  const text = JSON.stringify(content);
  if (last?.text !== text)
    last = { text, steps: readDocument(content).steps.map(({ name, action }) => ({ name, action })) };
  return last.steps;
}

function resultOf(status: StepResult['status'], nodeId: string, startedAt: number, finishedAt: number): StepResult {
  const failed = status === 'Failed';
  return {
    status,
    code: status === 'Success' ? 0 : failed ? 1 : -1,
    standardOutput: `simulated on ${nodeId}\n`,
    standardError: failed ? 'failed on request\n' : '',
    startedAt,
    finishedAt,
  };
}
