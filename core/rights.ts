/**
 * What a function of ours may do with the ports, as data. stacks/ makes a policy of it, and tests hold what runs
 * against it (docs/decisions/0017).
 *
 * Patterns are exact, or begin so and end with `*`: `COMMAND#*`.
 */
export interface Rights {
  /** Partitions whose rows are read, of the table or of an index. */
  readonly reads?: readonly string[];
  /** Partitions whose rows are written or deleted. Writing one does not allow reading it. */
  readonly writes?: readonly string[];
  readonly encrypts?: readonly Purpose[];
  readonly decrypts?: readonly Purpose[];
  /** Makes tokens that come back, and checks them. */
  readonly signs?: true;
  /** Keys of the service's bucket. */
  readonly readsFiles?: readonly string[];
  readonly writesFiles?: readonly string[];
  readonly deletesFiles?: readonly string[];
  /** Reads the buckets that the operator lets documents take files from. */
  readonly readsSourceBuckets?: true;
  /** Wakes the gateways that hold nodes' connections. */
  readonly wakesNodes?: true;
  readonly publishesEvents?: true;
  readonly sendsTimers?: true;
  readonly asksAlarms?: true;
  readonly publishesToTopics?: true;
  readonly issuesNodeCredentials?: true;
}

/** What a ciphertext is for: KMS is told with every call, in the encryption context. */
export type Purpose = 'access-key' | 'node-access-key' | 'webhook-secret' | 'parameter';

/** The purpose that a room gives the Keys port. @throws Error for one that no right could name */
export function purposeOf(context: Readonly<Record<string, string>>): Purpose {
  const { purpose, PARAMETER_ARN: parameter } = context;
  if (purpose === undefined && parameter !== undefined) return 'parameter';
  if (purpose === 'access-key' || purpose === 'node-access-key' || purpose === 'webhook-secret') return purpose;
  throw new Error(`no right allows a key for the purpose ${JSON.stringify(context)}`);
}

/** All that any of them allows, each pattern once. */
export function joinRights(...all: readonly Rights[]): Rights {
  const joined: Record<string, readonly string[] | true> = {};
  for (const rights of all)
    for (const [name, right] of Object.entries(rights) as [string, readonly string[] | true][]) {
      const before = joined[name];
      const known = before === undefined || before === true ? [] : before;
      joined[name] = right === true ? true : [...new Set([...known, ...right])].sort();
    }
  return joined;
}

/** The pattern that a text fits, if any does. */
export function fitting(patterns: readonly string[] = [], text: string): string | undefined {
  return patterns.find((pattern) => (pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern));
}
