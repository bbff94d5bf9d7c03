/**
 * State Manager on the node: what the service lists as due is run, one at a time, and told of. The service
 * keeps the time (docs/state-manager.md): `Pending` means run now.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { isObject, parameterValues, readDocument, type Document } from './document.ts';
import { contextOf, type JobParts } from './job.ts';
import { documentStatus, type StepResult } from './result.ts';
import { runSteps } from './run-steps.ts';
import { stepFolder } from './step-folder.ts';
import type { Parameters, Value } from './substitution.ts';
import { uploadFile } from './upload.ts';

interface Association {
  readonly AssociationId: string;
  readonly Name: string;
  readonly DocumentVersion: string;
  readonly Checksum: string;
  readonly Parameters?: Readonly<Record<string, readonly string[]>> | null;
  readonly ScheduleExpression?: string;
  readonly DetailedStatus?: string;
  readonly OutputLocation?: { readonly S3Location?: { readonly OutputS3BucketName?: string; readonly OutputS3KeyPrefix?: string } };
}

const everyTenMinutes = 600_000;
const summaryLimit = 510;

export class Associations {
  readonly #parts: () => JobParts;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  readonly #abort = new AbortController();

  /** @param parts asked for at each run: the agent is put together around this */
  constructor(parts: () => JobParts) {
    this.#parts = parts;
  }

  start(): void {
    this.look();
    this.#timer = setInterval(() => this.look(), everyTenMinutes);
    this.#timer.unref();
  }

  /** Looks for what is due now; a wish during a look is one more look. */
  look(): void {
    if (this.#abort.signal.aborted) return;
    if (this.#looking !== undefined) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#runDue()
      .catch((error: unknown) => this.#parts().log.info('associations could not be looked up', { error }))
      .finally(() => {
        this.#looking = undefined;
        if (this.#lookAgain) {
          this.#lookAgain = false;
          this.look();
        }
      });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#abort.abort();
    await this.#looking;
  }

  async #runDue(): Promise<void> {
    for (const association of await this.#list()) if (isDue(association) && !this.#abort.signal.aborted) await this.#run(association);
  }

  async #list(): Promise<Association[]> {
    const { service } = this.#parts();
    const found: Association[] = [];
    let token: string | undefined;
    do {
      const page: { Associations?: Association[]; NextToken?: string } = await service.call('ssm', 'ListInstanceAssociations', { InstanceId: service.registration.nodeId, MaxResults: 20, ...(token === undefined ? {} : { NextToken: token }) });
      found.push(...(page.Associations ?? []));
      token = page.NextToken;
    } while (token !== undefined && token !== '');
    return found;
  }

  async #run(association: Association): Promise<void> {
    const parts = this.#parts();
    await this.#report(association, 'InProgress', '');
    let document: Document;
    let parameters: Parameters;
    try {
      const { Content } = await parts.service.call<{ Content: string }>('ssm', 'GetDocument', { Name: association.Name, DocumentVersion: association.DocumentVersion, DocumentFormat: 'JSON' });
      // The service converts to JSON what was written in YAML.
      const content: unknown = JSON.parse(Content);
      document = readDocument(content);
      parameters = parameterValues(document.parameters, typed(content, association.Parameters ?? {}));
    } catch (error) {
      await this.#report(association, 'Failed', error instanceof Error ? error.message : String(error), 'InvalidAssoc');
      return;
    }
    const runId = randomUUID();
    const folder = path.join(parts.orchestrationFolder, runId);
    const all: StepResult[] = [];
    await runSteps({
      steps: document.steps,
      schemaVersion: document.schemaVersion,
      plugins: parts.plugins,
      context: contextOf({ CommandId: runId }, parts, { folder, parameters, document, signal: this.#abort.signal, depth: 0, associationId: association.AssociationId }),
      onResult: async (place, result) => {
        all.push(result);
        const step = document.steps[place]!;
        await this.#upload(association, runId, step, folder);
        if (place < document.steps.length - 1) await this.#report(association, 'InProgress', summary(all, document.steps.length));
      },
    });
    const status = documentStatus(all);
    const failure = all.find((result) => result.status === 'Failed' || result.status === 'TimedOut');
    const told = summary(all, document.steps.length) + (failure === undefined ? '' : (failure.message ?? failure.standardError));
    // A reboot asked for by an association has no command to go on with: it counts as a failure here.
    await this.#report(association, status === 'Success' || status === 'TimedOut' ? status : 'Failed', told, status === 'Success' ? '' : 'ExecutionError');
  }

  async #upload(association: Association, runId: string, step: Document['steps'][number], folder: string): Promise<void> {
    const parts = this.#parts();
    const { OutputS3BucketName: bucket = '', OutputS3KeyPrefix: prefix = '' } = association.OutputLocation?.S3Location ?? {};
    if (bucket === '') return;
    const base = [prefix, parts.service.registration.nodeId, association.AssociationId, runId, step.action.replaceAll(':', '')].filter((part) => part !== '').join('/');
    try {
      for (const name of step.outputNames) for (const stream of ['stdout', 'stderr']) await uploadFile(parts.service, bucket, `${base}/${name}/${stream}`, path.join(stepFolder(folder, step.name, name), stream));
    } catch (error) {
      parts.log.warn('output of an association could not be uploaded', { associationId: association.AssociationId, bucket, error });
    }
  }

  async #report(association: Association, status: string, executionSummary: string, errorCode = ''): Promise<void> {
    const { service } = this.#parts();
    await service.call('ssm', 'UpdateInstanceAssociationStatus', {
      AssociationId: association.AssociationId,
      InstanceId: service.registration.nodeId,
      ExecutionResult: { Status: status, ErrorCode: errorCode, ExecutionDate: Date.now() / 1000, ExecutionSummary: executionSummary.slice(0, summaryLimit) },
    });
  }
}

/** Without a schedule an association that has only been `Associated` runs too: AWS lists it so. */
function isDue(association: Association): boolean {
  return association.DetailedStatus === 'Pending' || (association.DetailedStatus === 'Associated' && !association.ScheduleExpression);
}

/** The API has lists of text; documents have types. */
function typed(content: unknown, given: Readonly<Record<string, readonly string[]>>): Parameters {
  const definitions = isObject(content) && isObject(content.parameters) ? (content.parameters as Readonly<Record<string, { type?: string }>>) : {};
  return Object.fromEntries(Object.entries(given).map(([name, values]): [string, Value] => [name, definitions[name]?.type === 'StringList' ? values : (values[0] ?? '')]));
}

function summary(results: readonly StepResult[], steps: number): string {
  const count = (status: StepResult['status']): number => results.filter((result) => result.status === status).length;
  return `${results.length} out of ${steps} plugin${steps === 1 ? '' : 's'} processed, ${count('Success')} success, ${count('Failed')} failed, ${count('TimedOut')} timedout, ${count('Skipped')} skipped. `;
}
