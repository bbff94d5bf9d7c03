/** Which account and Region this Flotilla is: made at the first start and kept (design §1). */
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { replaceFile } from '../core/replace-file.ts';
import { UsageError } from './options.ts';

export interface Identity {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

/**
 * Reads the identity of a data folder, or makes it.
 * @throws UsageError when another account or Region is asked for than the folder has
 */
export function openIdentity(folder: string, wanted: Partial<Identity>): Identity {
  const file = path.join(folder, 'identity.json');
  if (!existsSync(file)) {
    const identity = { account: wanted.account ?? String(randomInt(100_000_000_000, 1_000_000_000_000)), region: wanted.region ?? 'us-east-1' };
    replaceFile(file, `${JSON.stringify(identity, null, 2)}\n`, 0o600);
    return identity;
  }
  const identity = JSON.parse(readFileSync(file, 'utf8')) as Identity;
  for (const member of ['account', 'region'] as const)
    if (wanted[member] !== undefined && wanted[member] !== identity[member]) throw new UsageError(`The data folder belongs to ${member} ${identity[member]}; --${member} ${wanted[member]} needs a folder of its own (--data).`);
  return identity;
}

/**
 * The name of the service's own bucket. Over TLS clients put a bucket with a dot in its name into the path:
 * amazon-ssm-agent, which cannot be told to, then needs no host name for it. (AWS's SDK for Go: hostCompatibleBucketName.)
 */
export function serviceBucketOf({ account, region }: Identity): string {
  return `flotilla.${account}.${region}`;
}
