/** The account and Region of this Flotilla: made at the first start and kept (design §1). */
import { randomInt } from 'node:crypto';
import path from 'node:path';
import { replaceFile } from '../core/replace-file.ts';
import { readJsonFile } from './folder-trouble.ts';
import { UsageError } from './options.ts';

export interface Identity {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

/**
 * Reads the identity of a data folder, or makes one.
 * @throws UsageError when another account or Region is requested than the folder has; DataFolderError
 */
export function openIdentity(folder: string, wanted: Partial<Identity>): Identity {
  const file = path.join(folder, 'identity.json');
  const kept = readJsonFile<Identity>(file, 'Put a copy back: all that is kept belongs to that account and Region.');
  if (kept === undefined) {
    const identity = {
      account: wanted.account ?? String(randomInt(100_000_000_000, 1_000_000_000_000)),
      region: wanted.region ?? 'us-east-1',
    };
    replaceFile(file, `${JSON.stringify(identity, null, 2)}\n`, 0o600);
    return identity;
  }
  for (const member of ['account', 'region'] as const)
    if (wanted[member] !== undefined && wanted[member] !== kept[member])
      throw new UsageError(
        `The data folder belongs to ${member} ${kept[member]}; --${member} ${wanted[member]} needs a folder of its own (--data).`,
      );
  return kept;
}

/**
 * The name of the service's own bucket. It has a dot, because clients then put the bucket into the path over TLS (AWS's
 * SDK for Go: hostCompatibleBucketName). So amazon-ssm-agent, which has no setting for it, needs no host name for each
 * bucket.
 */
export function serviceBucketOf({ account, region }: Identity): string {
  return `flotilla.${account}.${region}`;
}
