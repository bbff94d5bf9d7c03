/**
 * Runs a document as a step of another: all results become one, and the whole output goes into the outer step's files.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parameterValues, readDocument, type Document } from '../core/documents/document.ts';
import type { Plugin, PluginContext, PluginResult } from './plugin.ts';
import { documentStatus, rebootRequested } from './result.ts';
import { runSteps } from './run-steps.ts';
import { stepFolder } from './step-folder.ts';
import type { Parameters } from '../core/documents/substitution.ts';

export async function runNested(
  content: unknown,
  given: Parameters,
  plugins: Readonly<Record<string, Plugin>>,
  context: PluginContext,
): Promise<PluginResult> {
  let document: Document;
  let parameters: Parameters;
  try {
    document = readDocument(content);
    parameters = await parameterValues(document.parameters, given, 'agent');
  } catch (error) {
    return { status: 'Failed', code: 1, message: error instanceof Error ? error.message : String(error) };
  }
  const folder = path.join(context.folder, 'document');
  const results = await runSteps({
    steps: document.steps,
    schemaVersion: document.schemaVersion,
    plugins,
    context: { ...context, folder, parameters, definitions: document.parameters, depth: context.depth + 1 },
    onResult: async (index, result) => {
      const step = document.steps[index]!;
      const folders = step.outputNames.map((name) => stepFolder(folder, step.name, name));
      for (const own of folders) {
        await append(path.join(own, 'stdout'), context.stdoutFile);
        await append(path.join(own, 'stderr'), context.stderrFile);
      }
      // A step that never began has no files, only a message.
      if (!folders.some((own) => existsSync(own)) && result.message !== undefined)
        await write(
          `${step.name}: ${result.message}\n`,
          result.status === 'Failed' ? context.stderrFile : context.stdoutFile,
        );
    },
  });
  // A reboot inside a nested document is not possible, as in AWS: the outer step cannot be run again.
  if (results.some((result) => result.status === 'SuccessAndReboot'))
    return {
      status: 'Failed',
      code: rebootRequested,
      message: 'A document run by aws:runDocument cannot ask for a reboot.',
    };
  const status = documentStatus(results);
  const code = results.find((result) => result.status === status && result.code !== 0)?.code ?? 1;
  return { status: status === 'InProgress' ? 'Failed' : status, code: status === 'Success' ? 0 : code };
}

/** Streamed: the output may be of any size. */
async function append(from: string, to: string): Promise<void> {
  if (existsSync(from)) await pipeline(createReadStream(from), createWriteStream(to, { flags: 'a', mode: 0o600 }));
}

async function write(text: string, to: string): Promise<void> {
  await pipeline([text], createWriteStream(to, { flags: 'a', mode: 0o600 }));
}
