/**
 * State Manager on the node: associations that the service lists as due are run one at a time and reported. The service
 * decides when they are due (docs/state-manager.md): `Pending` means "run now".
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { isObject, parameterValues, readDocument, type Document } from '../core/documents/document.ts';
import { refusals, ServiceError } from '../core/http-client.ts';
import { contextOf, message, type JobParts } from './job.ts';
import { bootId } from './journal.ts';
import { endProcessGroup, processGroup, type ProcessGroup } from './process-group.ts';
import { documentStatus, type StepResult } from './result.ts';
import { runSteps } from './run-steps.ts';
import { JsonFolder } from './state-folder.ts';
import { stepFolder } from './step-folder.ts';
import type { Parameters, Value } from '../core/documents/substitution.ts';
import { joinKey, uploadFile } from './upload.ts';

/** An entry of ListInstanceAssociations. */
export interface Association {
  readonly AssociationId: string;
  readonly Name: string;
  readonly DocumentVersion: string;
  readonly Checksum: string;
  readonly Parameters?: Readonly<Record<string, readonly string[]>> | null;
  readonly ScheduleExpression?: string;
  readonly DetailedStatus?: string;
  readonly OutputLocation?: {
    readonly S3Location?: { readonly OutputS3BucketName?: string; readonly OutputS3KeyPrefix?: string };
  };
}

/** A run's result, for UpdateInstanceAssociationStatus's ExecutionResult. */
interface Report {
  readonly status: string;
  readonly errorCode: string;
  readonly summary: string;
  readonly outputUrl?: string | undefined;
}

/** A run, stored on the disk until the service knows its end. */
interface Run {
  readonly associationId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly end?: Report | undefined;
  readonly bootId: string;
  readonly group?: ProcessGroup | undefined;
}

const everyTenMinutes = 600_000;
/** Milliseconds after a failed look, or after a report that was not accepted. */
const soon = 30_000;
const summaryLimit = 510;

const cutOff: Report = {
  status: 'Failed',
  errorCode: 'ExecutionError',
  summary: 'The agent ended while this association was running.',
};

export class Associations {
  readonly #parts: () => JobParts;
  readonly #runs: JsonFolder<Run>;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  /** Associations that somebody asked for: they run whatever the service says about them. */
  #wanted: ReadonlySet<string> | 'all' = new Set();
  /** What the current look runs or is about to run. */
  readonly #planned = new Set<string>();
  readonly #abort = new AbortController();

  /** @param parts called at each run, because the agent is still being composed here */
  constructor(folder: string, parts: () => JobParts) {
    this.#runs = new JsonFolder(folder);
    this.#parts = parts;
  }

  /** Runs that a crash interrupted have failed; a script of theirs that still runs is ended. */
  resume(): void {
    for (const name of this.#runs.names()) {
      const run = this.#runs.read(name);
      if (run === undefined || run.end !== undefined) continue;
      if (run.group !== undefined && run.bootId === bootId()) endProcessGroup(run.group);
      this.#runs.write(name, { ...run, end: cutOff });
    }
  }

  start(): void {
    this.look();
  }

  /**
   * Looks for what is due now. A request during a look causes one more look.
   * @param wanted ids to run whether they are due or not. An id that is about to run anyway runs once: the service
   * marks an association as due and also asks for it by id
   */
  look(wanted: readonly string[] | 'all' = []): void {
    if (this.#abort.signal.aborted) return;
    if (wanted === 'all' || this.#wanted === 'all') this.#wanted = 'all';
    else this.#wanted = new Set([...this.#wanted, ...wanted.filter((id) => !this.#planned.has(id))]);
    if (this.#looking !== undefined) {
      this.#lookAgain = true;
      return;
    }
    clearTimeout(this.#timer);
    let next = everyTenMinutes;
    this.#looking = this.#runDue()
      .catch((error: unknown) => {
        next = soon;
        this.#parts().log.info('associations could not be looked up or told of', { error });
      })
      .finally(() => {
        this.#looking = undefined;
        if (this.#abort.signal.aborted) return;
        this.#timer = setTimeout(() => this.look(), this.#lookAgain ? 0 : next);
        this.#timer.unref();
        this.#lookAgain = false;
      });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#abort.abort();
    await this.#looking;
  }

  async #runDue(): Promise<void> {
    // Ends are reported first: until then the service believes that these associations run.
    for (const name of this.#runs.names()) await this.#tellEnd(name);
    const listed = await this.#list();
    const wanted = this.#wanted;
    this.#wanted = new Set();
    const due = listed.filter(
      (association) => isDue(association) || wanted === 'all' || wanted.has(association.AssociationId),
    );
    for (const { AssociationId } of due) this.#planned.add(AssociationId);
    try {
      for (const association of due) {
        if (this.#abort.signal.aborted) return;
        await this.#run(association);
        this.#planned.delete(association.AssociationId);
      }
    } finally {
      this.#planned.clear();
    }
  }

  async #list(): Promise<Association[]> {
    const { service } = this.#parts();
    const found: Association[] = [];
    let token: string | undefined;
    do {
      const page: { Associations?: Association[]; NextToken?: string } = await service.call(
        'ssm',
        'ListInstanceAssociations',
        {
          InstanceId: service.registration.nodeId,
          MaxResults: 20,
          ...(token === undefined ? {} : { NextToken: token }),
        },
      );
      found.push(...(page.Associations ?? []));
      token = page.NextToken;
    } while (token !== undefined && token !== '');
    return found;
  }

  async #run(association: Association): Promise<void> {
    const { log, orchestration } = this.#parts();
    const runId = randomUUID();
    await this.#report(association.AssociationId, { status: 'InProgress', errorCode: '', summary: '' });
    const run: Run = { associationId: association.AssociationId, startedAt: Date.now(), bootId: bootId() };
    // Written to the disk before anything runs, so that a run that a crash interrupts is reported, and nothing runs
    // while the disk is full.
    this.#runs.write(runId, run);
    const folder = orchestration.enter(runId);
    let end: Report;
    try {
      end = await this.#execute(association, runId, folder, (group) => this.#runs.write(runId, { ...run, group }));
    } catch (error) {
      end = { status: 'Failed', errorCode: 'ExecutionError', summary: message(error) };
    } finally {
      orchestration.leave(runId);
    }
    try {
      this.#runs.write(runId, { ...run, end });
    } catch (error) {
      log.error('the end of an association could not be written to the disk', {
        associationId: association.AssociationId,
        error,
      });
    }
    await this.#tellEnd(runId, end);
  }

  async #execute(
    association: Association,
    runId: string,
    folder: string,
    onProcess: (group: ProcessGroup | undefined) => void,
  ): Promise<Report> {
    const parts = this.#parts();
    let document: Document;
    let parameters: Parameters;
    try {
      const { Content } = await parts.service.call<{ Content: string }>('ssm', 'GetDocument', {
        Name: association.Name,
        DocumentVersion: association.DocumentVersion,
        DocumentFormat: 'JSON',
      });
      // The service converts YAML to JSON.
      const content: unknown = JSON.parse(Content);
      document = readDocument(content);
      parameters = await parameterValues(document.parameters, typed(content, association.Parameters ?? {}), 'agent');
    } catch (error) {
      return { status: 'Failed', errorCode: 'InvalidAssoc', summary: message(error) };
    }
    const all: StepResult[] = [];
    let outputUrl: string | undefined;
    await runSteps({
      steps: document.steps,
      schemaVersion: document.schemaVersion,
      plugins: parts.plugins,
      context: contextOf({ CommandId: runId }, parts, {
        folder,
        parameters,
        document,
        signal: this.#abort.signal,
        depth: 0,
        associationId: association.AssociationId,
        onProcess: (pid) => onProcess(processGroup(pid)),
      }),
      onResult: async (index, result) => {
        all.push(result);
        outputUrl = (await this.#upload(association, runId, document.steps[index]!, folder)) ?? outputUrl;
        const sofar = { status: 'InProgress', errorCode: '', summary: summary(all, document.steps.length) };
        // Interim reports may be lost; only the end must arrive.
        if (index < document.steps.length - 1)
          await this.#report(association.AssociationId, sofar).catch((error: unknown) =>
            parts.log.info('an association could not be told of', { error }),
          );
      },
    });
    const status = documentStatus(all);
    const failure = all.find((result) => result.status === 'Failed' || result.status === 'TimedOut');
    const text =
      summary(all, document.steps.length) + (failure === undefined ? '' : (failure.message ?? failure.standardError));
    // An association has no command that could continue after a reboot, so a reboot request counts as a failure.
    return {
      status: status === 'Success' || status === 'TimedOut' ? status : 'Failed',
      errorCode: status === 'Success' ? '' : 'ExecutionError',
      summary: text,
      outputUrl,
    };
  }

  /** Reports a run's end, and deletes it when the service has accepted it or never will. */
  async #tellEnd(runId: string, inMemory?: Report): Promise<void> {
    const run = this.#runs.read(runId);
    const end = inMemory ?? run?.end;
    if (run === undefined || end === undefined) return;
    try {
      await this.#report(run.associationId, end);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status >= 500 || refusals.includes(error.code)) throw error;
      this.#parts().log.info('the service does not want the end of an association', {
        associationId: run.associationId,
        error,
      });
    }
    this.#runs.remove(runId);
  }

  /** @returns where the output is stored */
  async #upload(
    association: Association,
    runId: string,
    step: Document['steps'][number],
    folder: string,
  ): Promise<string | undefined> {
    const { service, log } = this.#parts();
    const { OutputS3BucketName: bucket = '', OutputS3KeyPrefix: prefix = '' } =
      association.OutputLocation?.S3Location ?? {};
    if (bucket === '') return undefined;
    const base = joinKey(
      prefix,
      service.registration.nodeId,
      association.AssociationId,
      runId,
      step.action.replaceAll(':', ''),
    );
    try {
      for (const name of step.outputNames)
        for (const stream of ['stdout', 'stderr'])
          await uploadFile(
            service,
            bucket,
            `${base}/${name}/${stream}`,
            path.join(stepFolder(folder, step.name, name), stream),
          );
    } catch (error) {
      log.warn('output of an association could not be uploaded', {
        associationId: association.AssociationId,
        bucket,
        error,
      });
      return undefined;
    }
    return new URL(`/${bucket}/${base}`, service.registration.s3Endpoint).href;
  }

  async #report(associationId: string, { status, errorCode, summary: told, outputUrl }: Report): Promise<void> {
    const { service } = this.#parts();
    await service.call('ssm', 'UpdateInstanceAssociationStatus', {
      AssociationId: associationId,
      InstanceId: service.registration.nodeId,
      ExecutionResult: {
        Status: status,
        ErrorCode: errorCode,
        ExecutionDate: Date.now() / 1000,
        ExecutionSummary: told.slice(0, summaryLimit),
        ...(outputUrl === undefined ? {} : { OutputUrl: { S3OutputUrl: { OutputUrl: outputUrl } } }),
      },
    });
  }
}

/** Without a schedule an association whose status is still `Associated` also runs: AWS lists it so. */
export function isDue(association: Association): boolean {
  return (
    association.DetailedStatus === 'Pending' ||
    (association.DetailedStatus === 'Associated' && !association.ScheduleExpression)
  );
}

/** The API has lists of strings; documents have types. */
export function typed(content: unknown, given: Readonly<Record<string, readonly string[]>>): Parameters {
  const definitions =
    isObject(content) && isObject(content.parameters)
      ? (content.parameters as Readonly<Record<string, { type?: string }>>)
      : {};
  return Object.fromEntries(
    Object.entries(given).map(([name, values]): [string, Value] => [
      name,
      definitions[name]?.type === 'StringList' ? values : ofType(definitions[name]?.type, values[0] ?? ''),
    ]),
  );
}

/** In the API, values other than strings and lists of strings are JSON. */
function ofType(type: string | undefined, text: string): Value {
  if (type === undefined || type === 'String') return text;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

function summary(results: readonly StepResult[], steps: number): string {
  const count = (status: StepResult['status']): number => results.filter((result) => result.status === status).length;
  return `${results.length} out of ${steps} plugin${steps === 1 ? '' : 's'} processed, ${count('Success')} success, ${count('Failed')} failed, ${count('TimedOut')} timedout, ${count('Skipped')} skipped. `;
}
