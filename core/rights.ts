/**
 * What one of our functions may do with the ports, as data. stacks/ makes an IAM policy of it, and tests compare it
 * with what the function uses (docs/decisions/0017).
 *
 * A pattern is exact, or a prefix that ends with `*`: `COMMAND#*`.
 */
export interface Rights {
  /** Partitions whose rows are read, from the table or from an index. */
  readonly reads?: readonly string[];
  /** Partitions whose rows are written or deleted. A right to write does not include the right to read. */
  readonly writes?: readonly string[];
  readonly encrypts?: readonly Purpose[];
  readonly decrypts?: readonly Purpose[];
  /** Makes tokens that callers return, and checks them. */
  readonly signs?: true;
  /** Keys in the service's bucket. */
  readonly readsFiles?: readonly string[];
  readonly writesFiles?: readonly string[];
  readonly deletesFiles?: readonly string[];
  /** Reads the buckets from which the operator lets documents take files. */
  readonly readsSourceBuckets?: true;
  /** Wakes the gateways that hold nodes' connections. */
  readonly wakesNodes?: true;
  readonly publishesEvents?: true;
  readonly sendsTimers?: true;
  readonly asksAlarms?: true;
  readonly publishesToTopics?: true;
  readonly issuesNodeCredentials?: true;
}

/** What a ciphertext is for. KMS gets it with every call, in the encryption context. */
export type Purpose = 'access-key' | 'node-access-key' | 'webhook-secret' | 'parameter';

/** The purpose in an encryption context. @throws Error for a purpose that no right could name */
export function purposeOf(context: Readonly<Record<string, string>>): Purpose {
  const { purpose, PARAMETER_ARN: parameter } = context;
  if (purpose === undefined && parameter !== undefined) return 'parameter';
  if (purpose === 'access-key' || purpose === 'node-access-key' || purpose === 'webhook-secret') return purpose;
  throw new Error(`no right allows a key for the purpose ${JSON.stringify(context)}`);
}

/** The union of the rights, each pattern once. */
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

/** The first pattern that matches a text, if there is one. */
export function fitting(patterns: readonly string[] = [], text: string): string | undefined {
  return patterns.find((pattern) => (pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern));
}
