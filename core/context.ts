/** What a room's code is given: the ports, and where it runs. Composed in `local/` and `aws/` only. */
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
  /** Until when this call may work: what loops over a fleet stops in time. */
  readonly deadline: Deadline;
  /** For work that nobody waits for. */
  readonly background: Background;
  /** Operations of the API, called from inside; {@link callAs} gives it types. */
  readonly callApi: CallApi;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** The bucket that is the service's own: reports, collected output. */
  readonly serviceBucket: string;
  /** What the operator has set. */
  readonly settings: Settings;
  /** The documents of AWS's names: the registry's. */
  readonly ownedDocuments: readonly OwnedDocument[];
  /** Where alarms are CloudWatch's: on AWS. */
  readonly alarms?: Alarms;
  /** Where topics are SNS's: on AWS. */
  readonly topics?: Topics;
  /** Where nodes need credentials that others accept too: on AWS. */
  readonly nodeCredentials?: NodeCredentials;
}

/** The context of one API request. */
export interface RequestContext extends Context {
  readonly caller: Caller;
  readonly requestId: string;
  /**
   * The call's audit record, for the transaction by which it takes effect: the change and its record come together
   * then, at the cost of one commit. For operations that leave it alone the front door writes the record afterwards.
   * @param output as the operation is going to answer
   * @returns at most one write; none where the call leaves no record
   */
  readonly auditWrites: (output: object) => readonly Put[];
  /** As received: for what verifies more than the front door does (a node's own key). */
  readonly request: HttpRequest;
}

/** An operation of a room: what the front door calls with checked input, and whose output it encodes. */
export type Operation<Input, Output> = (input: Input, context: RequestContext) => Promise<Output>;

export interface Settings {
  /** AWS's account quotas with AWS's errors, for rehearsal (`--aws-quotas`). */
  readonly awsQuotas: boolean;
  /** How people and nodes reach the API: `http://127.0.0.1:8555`. */
  readonly endpoint: string;
  /** How nodes reach the gateway; TLS. `https://127.0.0.1:8555`. */
  readonly nodeEndpoint: string;
  /** Where buckets are, in path style: our own door, or S3. `http://127.0.0.1:8555`. */
  readonly filesEndpoint: string;
  /** The CloudWatch Logs that nodes send output to; absent: the Region's. */
  readonly logsEndpoint?: string | undefined;
  /** More targets than this end a command as RateExceeded before anything runs; absent: no limit. */
  readonly pendingInvocations?: number | undefined;
  /** Bytes that a parameter's value may have; absent: AWS's limit. */
  readonly largestParameter?: number | undefined;
  /** Nodes on Flotilla's own machine take work from everybody who may give work (`--share-this-machine`). */
  readonly shareThisMachine?: boolean | undefined;
}
