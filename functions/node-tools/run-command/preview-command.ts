/** What a SendCommand would do, decided as SendCommand decides it; nothing is written. */
import type { RequestContext } from '../../../core/context.ts';
import { InvalidDocument as UnrunnableDocument } from '../../../core/documents/document.ts';
import type { Parameters } from '../../../core/documents/substitution.ts';
import { InvalidDocument } from '../../../core/errors.ts';
import type { SsmInput } from '../../../core/operations.ts';
import { typedParameters, type ResolvedDocument } from '../../change-management/documents/index.ts';
import { maxConcurrencyOf, maxErrorsOf, waves } from '../../fan-out/index.ts';
import { getNodes, resolveTargets, type Node } from '../../nodes/index.ts';
import { newInvocation } from './new-invocation.ts';
import { previewSteps, type PreviewedStep } from './preview-steps.ts';
import { tooMany } from './pending-limit.ts';
import { planCommand } from './send-command.ts';
import { isTerminal } from './states.ts';
import type { CommandBody } from './store.ts';

export interface Preview {
  readonly DocumentName: string;
  /** The number that the version asked for stands for. */
  readonly DocumentVersion: string;
  readonly TargetCount: number;
  /** The first of them, in the order in which they would be named. */
  readonly Nodes: readonly PreviewedNode[];
  readonly MaxConcurrency: { readonly Expression: string; readonly Nodes: number };
  readonly MaxErrors: { readonly Expression: string; readonly Nodes: number };
  /** How many start at once, wave by wave; then one for each that ends. */
  readonly Waves: readonly number[];
  /** Seconds in which a node must have taken it, and in which all must be over. */
  readonly DeliveryTimeout: number;
  readonly ExpiresAfter: number;
  /** More targets than the operator lets wait: it would end as RateExceeded, and nothing of it run. */
  readonly RateExceeded: boolean;
  readonly Alarms: readonly string[];
  readonly Steps: readonly PreviewedStep[];
}

export interface PreviewedNode {
  readonly InstanceId: string;
  readonly Name: string;
  readonly ComputerName: string;
  readonly Platform: string;
  readonly PingStatus: string;
  /** Whether the node can and may run the document; where it does not, the invocation ends at once. */
  readonly Supported: boolean;
}

/** Ids read at once, and nodes that are shown one by one. */
const idsAtOnce = 1_000;
const mostShown = 200;

/** @throws what SendCommand throws */
export async function previewCommand(input: SsmInput<'SendCommand'>, context: RequestContext): Promise<Preview> {
  const { command, document, nodes: named } = await planCommand(input, context);
  const { count, nodes } =
    named.length > 0 ? { count: named.length, nodes: named.slice(0, mostShown) } : await targetsOf(command, context);
  const limits = {
    maxConcurrency: maxConcurrencyOf(command.maxConcurrency, count),
    maxErrors: maxErrorsOf(command.maxErrors, count),
  };
  const shown = nodes.map((node) => previewedNode(command, node));
  return {
    DocumentName: document.name,
    DocumentVersion: document.documentVersion,
    TargetCount: count,
    Nodes: shown,
    MaxConcurrency: { Expression: command.maxConcurrency, Nodes: limits.maxConcurrency },
    MaxErrors: { Expression: command.maxErrors, Nodes: limits.maxErrors },
    Waves: waves(count, limits),
    DeliveryTimeout: command.timeoutSeconds,
    ExpiresAfter: Math.round((command.expiresAt - command.requestedAt) / 1000),
    RateExceeded: tooMany(count, context).rateExceeded === true,
    Alarms: (command.alarmConfiguration?.Alarms ?? []).map(({ Name = '' }) => Name),
    Steps: await stepsFor(document, command, shown, context.caller.arn),
  };
}

/** Their number is exact: percentages are of it. */
async function targetsOf(
  command: CommandBody,
  context: RequestContext,
): Promise<{ count: number; nodes: readonly Node[] }> {
  let count = 0;
  let first: readonly string[] = [];
  let after: string | undefined;
  do {
    const page = await resolveTargets(context, command.targets, { after, limit: idsAtOnce });
    if (count === 0) first = page.nodeIds.slice(0, mostShown);
    count += page.nodeIds.length;
    after = page.next;
  } while (after !== undefined);
  return { count, nodes: await getNodes(context, first) };
}

function previewedNode(command: CommandBody, node: Node): PreviewedNode {
  return {
    InstanceId: node.id,
    Name: node.name ?? '',
    ComputerName: node.computerName ?? '',
    Platform: node.platformType ?? '',
    PingStatus: node.pingStatus,
    Supported: !isTerminal(newInvocation(command, node).state),
  };
}

/** @throws InvalidDocument where nodes would refuse the document */
async function stepsFor(
  document: ResolvedDocument,
  command: CommandBody,
  nodes: readonly PreviewedNode[],
  caller: string,
): Promise<PreviewedStep[]> {
  const present = [
    ...new Set(nodes.filter(({ Supported, Platform }) => Supported && Platform !== '').map(({ Platform }) => Platform)),
  ];
  try {
    return await previewSteps(
      document.content,
      typedParameters(document, command.parameters) as Parameters,
      present.length > 0 ? present : document.platformTypes,
      caller,
    );
  } catch (error) {
    if (error instanceof UnrunnableDocument) throw new InvalidDocument(error.message);
    throw error;
  }
}
