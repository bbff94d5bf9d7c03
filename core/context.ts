/**
 * What every operation and handler receives: the ports, and the settings of this Flotilla. Only `local/` and `aws/`
 * build one.
 */
import type { Alarms } from './alarms.ts';
import type { Background } from './background.ts';
import type { Caller } from './caller.ts';
import type { CallApi } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Deadline } from './deadline.ts';
import type { Files } from './files.ts';
import type { HttpRequest } from './http.ts';
import type { Ids } from './ids.ts';
import type { Keys } from './keys.ts';
import type { Log } from './log.ts';
import type { Mailbox } from './mailbox.ts';
import type { NodeCredentials } from './node-credentials.ts';
import type { OwnedDocument } from './owned-documents.ts';
import type { Put, State } from './state.ts';
import type { Topics } from './topics.ts';

export interface Context {
  readonly state: State;
  readonly files: Files;
  readonly mailbox: Mailbox;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** When this call must end. Loops over many nodes stop in time and continue in the next call. */
  readonly deadline: Deadline;
  /** For work that no caller waits for. */
  readonly background: Background;
  /** Calls operations of the API from inside; {@link callAs} adds types. */
  readonly callApi: CallApi;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** The service's own bucket: reports, collected output. */
  readonly serviceBucket: string;
  /** The operator's settings. */
  readonly settings: Settings;
  /** The documents with AWS's names, from the registry. */
  readonly ownedDocuments: readonly OwnedDocument[];
  /** Present where alarms are CloudWatch's: on AWS. */
  readonly alarms?: Alarms;
  /** Present where topics are SNS's: on AWS. */
  readonly topics?: Topics;
  /** Present where nodes need credentials that AWS's services accept: on AWS. */
  readonly nodeCredentials?: NodeCredentials;
}

/** The context of one API request. */
export interface RequestContext extends Context {
  readonly caller: Caller;
  readonly requestId: string;
  /**
   * The audit record of the call, to be written in the same transaction as the change, so that both become visible
   * together and cost one commit. For operations that do not use it, the front door writes the record afterwards.
   * @param output what the operation is about to return
   * @returns at most one write; none where the call leaves no record
   * @example
   * await context.state.transact([{ put: key, body }, ...context.auditWrites(output)]);
   */
  readonly auditWrites: (output: object) => readonly Put[];
  /** The request as received, for checks beyond those of the front door (a node's own key). */
  readonly request: HttpRequest;
}

/** An operation of a room. The front door calls it with checked input and encodes its output. */
export type Operation<Input, Output> = (input: Input, context: RequestContext) => Promise<Output>;

export interface Settings {
  /** Applies AWS's account quotas with AWS's errors, for rehearsal (`--aws-quotas`). */
  readonly awsQuotas: boolean;
  /** The URL of the API for people and nodes: `http://127.0.0.1:8555`. */
  readonly endpoint: string;
  /** The URL of the gateway for nodes, with TLS: `https://127.0.0.1:8555`. */
  readonly nodeEndpoint: string;
  /** The URL of the buckets, in path style: Flotilla's own S3 API, or S3. `http://127.0.0.1:8555`. */
  readonly filesEndpoint: string;
  /** The URL of CloudWatch Logs for nodes' output. Absent: the Region's. */
  readonly logsEndpoint?: string | undefined;
  /** The most targets of one command; with more it ends as RateExceeded before anything runs. Absent: no limit. */
  readonly pendingInvocations?: number | undefined;
  /** The most bytes of a parameter's value. Absent: AWS's limit. */
  readonly largestParameter?: number | undefined;
  /**
   * Nodes on Flotilla's own machine take work from everybody who may give work, not only from admins
   * (`--share-this-machine`).
   */
  readonly shareThisMachine?: boolean | undefined;
}
