/**
 * The access keys that requests are signed with: those of people, kept until deleted, and temporary ones (of nodes and
 * sign-ins), which come with a session token. They are Flotilla's own, because no service can verify IAM's signatures
 * (design §6).
 *
 * Secrets are encrypted at rest. The row is read with every request, so a deleted key stops working at once.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Caller, Role } from './caller.ts';
import type { Context } from './context.ts';
import type { Keys } from './keys.ts';
import type { IssuedCredentials } from './node-credentials.ts';
import { partitionOf } from './partition.ts';
import { ConditionFailed, queryAll, type Delete, type Key, type Put, type Row, type Write } from './state.ts';

export type KeyOwner =
  | { readonly kind: 'person'; readonly name: string; readonly role: Role }
  | {
      readonly kind: 'node';
      readonly nodeId: string;
      /** The IAM role's name that its ARN shows. */
      readonly iamRole?: string;
      /** Its agent runs on Flotilla's own machine, as root or as Flotilla's own user. */
      readonly onServiceMachine?: true;
    };

/** An access key, as the check of a signature needs it. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** SHA-256 in hex of the session token: the token itself is not kept. */
  readonly sessionTokenDigest?: string | undefined;
  /** Epoch milliseconds of real time. */
  readonly expiresAt?: number | undefined;
  readonly caller: Caller;
}

export interface IssuedKey {
  /** 20 characters: `AKIA…`; of temporary keys `ASIA…`. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The writes that make the key valid. Write them in your own transaction, or with {@link Context.state}. */
  readonly writes: readonly Write[];
}

export interface TemporaryKey extends IssuedKey {
  readonly sessionToken: string;
}

/** What a list shows of a person's key. */
export interface PersonKey {
  readonly accessKeyId: string;
  readonly name: string;
  readonly role: Role;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt?: number;
}

interface StoredKey {
  readonly owner: KeyOwner;
  /** Ciphertext. */
  readonly secret: string;
  /** What it is encrypted for: the gateway may decrypt nodes' keys and no others. */
  readonly purpose?: 'node-access-key';
  readonly sessionTokenDigest?: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
}

/** The row of an expired key is kept for a day, so that its user gets "expired" and not "unknown" as the answer. */
const remembered = 24 * 60 * 60;

const keyKey = (accessKeyId: string): Key => ({ pk: `ACCESS-KEY#${accessKeyId}`, sk: 'KEY' });
const personKey = (accessKeyId: string): Key => ({ pk: 'ACCESS-KEYS#PERSON', sk: accessKeyId });
const nodeKey = (nodeId: string, accessKeyId: string): Key => ({ pk: `ACCESS-KEYS#NODE#${nodeId}`, sk: accessKeyId });
const listKey = (owner: KeyOwner, accessKeyId: string): Key =>
  owner.kind === 'person' ? personKey(accessKeyId) : nodeKey(owner.nodeId, accessKeyId);

/** Makes a key. The key is valid once its `writes` are written. */
export function issueKey(
  context: Context,
  request: { readonly owner: KeyOwner; readonly expiresAt: number },
): Promise<TemporaryKey>;
export function issueKey(context: Context, request: { readonly owner: KeyOwner }): Promise<IssuedKey>;
/** @param request `expiresAt`: epoch milliseconds of real time; with it the key is temporary and has a session token */
export async function issueKey(
  context: Context,
  { owner, expiresAt }: { readonly owner: KeyOwner; readonly expiresAt?: number },
): Promise<IssuedKey & { sessionToken?: string }> {
  const temporary = expiresAt !== undefined;
  const { accessKeyId, secretAccessKey, sessionToken } =
    owner.kind === 'node' && temporary && context.nodeCredentials !== undefined
      ? await context.nodeCredentials.issue(owner.nodeId, expiresAt)
      : ownCredentials(context, temporary);
  const purpose = owner.kind === 'node' ? { purpose: 'node-access-key' as const } : {};
  const body: StoredKey = {
    owner,
    secret: await context.keys.encrypt(Buffer.from(secretAccessKey), purposeOf(purpose, accessKeyId)),
    ...purpose,
    createdAt: context.clock.now(),
    ...(sessionToken === undefined
      ? {}
      : { sessionTokenDigest: createHash('sha256').update(sessionToken).digest('hex') }),
    ...(temporary ? { expiresAt } : {}),
  };
  // The key expires in real time. Its row expires by Flotilla's clock, which a rehearsal may have moved forward.
  const expiry = temporary
    ? { expiresAt: Math.ceil(Math.max(expiresAt, context.clock.now() + expiresAt - Date.now()) / 1000) + remembered }
    : {};
  const listed =
    owner.kind === 'person'
      ? { name: owner.name, role: owner.role, createdAt: body.createdAt, ...(temporary ? { expiresAt } : {}) }
      : {};
  const writes: Put[] = [
    { put: keyKey(accessKeyId), body, when: { row: 'absent' }, ...expiry },
    { put: listKey(owner, accessKeyId), body: listed, ...expiry },
  ];
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }), writes };
}

function ownCredentials(
  { ids }: Pick<Context, 'ids'>,
  temporary: boolean,
): Omit<IssuedCredentials, 'sessionToken'> & { readonly sessionToken?: string } {
  return {
    accessKeyId: `${temporary ? 'ASIA' : 'AKIA'}${base32(Buffer.from(ids.secret(10), 'base64url'))}`,
    secretAccessKey: Buffer.from(ids.secret(30), 'base64url').toString('base64'),
    ...(temporary ? { sessionToken: ids.secret(96) } : {}),
  };
}

/** The key with this id, also when it has expired: the check of the signature finds that out. */
export async function findAccessKey(
  context: Pick<Context, 'state' | 'keys' | 'account' | 'region'>,
  accessKeyId: string,
): Promise<AccessKey | undefined> {
  if (!/^[A-Z0-9]{16,128}$/.test(accessKeyId)) return undefined;
  const row = await context.state.get<StoredKey>(keyKey(accessKeyId));
  if (row === undefined) return undefined;
  const { owner, sessionTokenDigest, expiresAt } = row.body;
  return {
    accessKeyId,
    secretAccessKey: await decrypted(context.keys, row.body, accessKeyId),
    sessionTokenDigest,
    expiresAt,
    caller: callerOf(context, owner, accessKeyId),
  };
}

/** Deletes a key; it stops working at once. @returns whether there was one */
export async function revokeKey(context: Pick<Context, 'state'>, accessKeyId: string): Promise<boolean> {
  const row = await context.state.get<StoredKey>(keyKey(accessKeyId));
  if (row === undefined) return false;
  await context.state.transact([{ delete: keyKey(accessKeyId) }, { delete: listKey(row.body.owner, accessKeyId) }]);
  return true;
}

/** People's keys, ordered by id, without secrets. */
export async function listPersonKeys(context: Pick<Context, 'state'>): Promise<PersonKey[]> {
  const rows = await queryAll<Omit<PersonKey, 'accessKeyId'>>(context.state, { pk: personKey('').pk });
  return rows.map((row) => ({ accessKeyId: row.sk, ...row.body }));
}

/** Deletes all keys of a node. A node has few: it gets one an hour, and each is removed a day after it expired. */
export async function revokeNodeKeys(context: Pick<Context, 'state'>, nodeId: string): Promise<void> {
  const rows = await queryAll(context.state, { pk: nodeKey(nodeId, '').pk });
  // Each key takes two writes, and a transaction has at most 100.
  for (let at = 0; at < rows.length; at += 50)
    await context.state.transact(
      rows
        .slice(at, at + 50)
        .flatMap((row: Row): Delete[] => [{ delete: keyKey(row.sk) }, { delete: { pk: row.pk, sk: row.sk } }]),
    );
}

/**
 * Marks the keys that a node already has: its agent runs on Flotilla's own machine. From the next request on, they read
 * only what admins wrote.
 */
export async function markNodeKeys(context: Pick<Context, 'state'>, nodeId: string): Promise<void> {
  const listed = await queryAll(context.state, { pk: nodeKey(nodeId, '').pk });
  for (const { sk: accessKeyId } of listed) {
    const row = await context.state.get<StoredKey>(keyKey(accessKeyId));
    if (row?.body.owner.kind !== 'node') continue;
    const owner: KeyOwner = { ...row.body.owner, onServiceMachine: true };
    await context.state
      .write({ update: keyKey(accessKeyId), set: { owner }, when: { row: 'present' } })
      .catch((error: unknown) => {
        // The key was deleted at this moment.
        if (!(error instanceof ConditionFailed)) throw error;
      });
  }
}

function callerOf(
  { account, region }: Pick<Context, 'account' | 'region'>,
  owner: KeyOwner,
  accessKeyId: string,
): Caller {
  const partition = partitionOf(region).name;
  return owner.kind === 'person'
    ? {
        kind: 'person',
        name: owner.name,
        role: owner.role,
        accessKeyId,
        arn: `arn:${partition}:iam::${account}:user/${owner.name}`,
      }
    : {
        kind: 'node',
        nodeId: owner.nodeId,
        accessKeyId,
        ...(owner.onServiceMachine === undefined ? {} : { onServiceMachine: owner.onServiceMachine }),
        arn: `arn:${partition}:sts::${account}:assumed-role/${owner.iamRole ?? 'FlotillaManagedNode'}/${owner.nodeId}`,
      };
}

const secrets = new WeakMap<Keys, LRUCache<string, string>>();

async function decrypted(keys: Keys, stored: StoredKey, accessKeyId: string): Promise<string> {
  const { secret: ciphertext } = stored;
  let cache = secrets.get(keys);
  if (cache === undefined) secrets.set(keys, (cache = new LRUCache({ max: 4096 })));
  let secret = cache.get(ciphertext);
  if (secret === undefined)
    cache.set(
      ciphertext,
      (secret = Buffer.from(await keys.decrypt(ciphertext, purposeOf(stored, accessKeyId))).toString()),
    );
  return secret;
}

/** The encryption context. Keys of people, and node keys made before purposes existed, have no purpose of their own. */
function purposeOf({ purpose }: Pick<StoredKey, 'purpose'>, accessKeyId: string): Readonly<Record<string, string>> {
  return { purpose: purpose ?? 'access-key', accessKeyId };
}

/** RFC 4648's alphabet: 5 bits for each character, so 10 bytes become 16 characters. */
function base32(bytes: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let text = '';
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(pending >>> (bits - 5)) & 31];
    pending &= (1 << bits) - 1;
  }
  return text;
}
