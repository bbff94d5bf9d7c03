/** The interface of a plugin: one action of a document, in its own file under plugins/. */
import type { Log } from '../core/log.ts';
import type { ParameterDefinition } from '../core/documents/document.ts';
import type { Platform } from './platform.ts';
import type { StepStatus } from './result.ts';
import type { ServiceClient } from './service-client.ts';
import type { Parameters, Value } from '../core/documents/substitution.ts';

export type Inputs = Readonly<Record<string, Value>>;

export interface PluginContext {
  readonly service: ServiceClient;
  readonly platform: Platform;
  readonly log: Log;
  readonly commandId: string;
  /** The step's own folder. */
  readonly folder: string;
  /**
   * The folder for downloads, where scripts also run when no working directory is named; the command's steps share it.
   */
  readonly downloads: string;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  readonly parameters: Parameters;
  readonly definitions: Readonly<Record<string, ParameterDefinition>>;
  /** Aborted when the command is cancelled. */
  readonly signal: AbortSignal;
  /** Called with each process group that a step starts. */
  readonly onProcess?: ((pid: number) => void) | undefined;
  /** The number of aws:runDocument steps around this step. */
  readonly depth: number;
  /** The association that runs it, if one does. */
  readonly associationId?: string | undefined;
  readonly agent: AgentServices;
}

/** What a plugin may ask the agent to do. */
export interface AgentServices {
  /** Runs these associations of the node now, and those that are due. */
  refreshAssociations(wanted: readonly string[] | 'all'): void;
  /** Runs a document inside this step; its output becomes part of the step's. */
  runDocument(content: unknown, parameters: Parameters, context: PluginContext): Promise<PluginResult>;
  /** Hashes of inventory that was uploaded last, by type. */
  readonly inventoryHashes: Map<string, string>;
  readonly customInventoryFolder: string;
}

export interface PluginResult {
  readonly status: StepStatus;
  readonly code: number;
  /** An error or a note, shown where there is no output. */
  readonly message?: string | undefined;
}

export type Plugin = (inputs: Inputs, context: PluginContext) => Promise<PluginResult>;

/** An input whose name may have any case, as in amazon-ssm-agent. */
export function input(inputs: Inputs, name: string): Value | undefined {
  if (Object.hasOwn(inputs, name)) return inputs[name];
  const lower = name.toLowerCase();
  return Object.entries(inputs).find(([key]) => key.toLowerCase() === lower)?.[1];
}

/** An input as text: '' where it is absent. */
export function textInput(inputs: Inputs, name: string): string {
  const value = input(inputs, name);
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** An input as a list of lines: a text is one line. */
export function linesInput(inputs: Inputs, name: string): string[] {
  const value = input(inputs, name);
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? (value as readonly Value[]) : [value];
  return list.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
}

export function failed(message: string, code = 1): PluginResult {
  return { status: 'Failed', code, message };
}
