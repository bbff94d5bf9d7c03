/** Parameter Store for the commands: reads trees and carries out plans. */
import { manyAtOnce } from '../../core/many-at-once.ts';
import { type Client } from '../client.ts';
import { ServiceError } from '../../core/http-client.ts';
import type { Plan } from './plan.ts';
import { fullName, nameBelow, sorted, type Entry, type ParameterType, type Tree } from './tree.ts';

interface Listed {
  readonly Name: string;
  readonly Type: ParameterType;
  readonly Value: string;
  readonly DataType?: string;
}

interface Described {
  readonly Name: string;
  readonly Description?: string;
  readonly AllowedPattern?: string;
  readonly KeyId?: string;
  readonly Tier?: string;
  readonly Policies?: readonly { readonly PolicyText: string }[];
}

/** The most calls at the same time: enough to share commits, few enough for a small server. */
const atOnce = 8;
/** DeleteParameters' limit. */
const deletedAtOnce = 10;

export interface ReadOptions {
  /** Whether secrets have their values; otherwise they have none. */
  readonly decrypt: boolean;
}

/**
 * Everything below a path, with what DescribeParameters knows about it.
 * @param path normalized
 */
export async function readStore(client: Client, path: string, { decrypt }: ReadOptions): Promise<Tree> {
  const [listed, described] = await Promise.all([
    everyPage(
      client,
      'GetParametersByPath',
      { Path: path === '' ? '/' : path, Recursive: true, WithDecryption: decrypt, MaxResults: 10 },
      ({ Parameters }: { Parameters?: readonly Listed[] }) => Parameters,
    ),
    everyPage(
      client,
      'DescribeParameters',
      { ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: [path === '' ? '/' : path] }], MaxResults: 50 },
      ({ Parameters }: { Parameters?: readonly Described[] }) => Parameters,
    ),
  ]);
  const metadata = new Map(described.map((one) => [one.Name, one]));
  return sorted(listed.map((one) => [nameBelow(path, one.Name), entryOf(one, metadata.get(one.Name), decrypt)]));
}

/** Every member is set: an absent description is an empty one. */
function entryOf({ Type, Value, DataType = 'text' }: Listed, metadata: Described | undefined, decrypt: boolean): Entry {
  return {
    Type,
    Value: Type === 'SecureString' && !decrypt ? undefined : Value,
    DataType,
    Description: metadata?.Description ?? '',
    AllowedPattern: metadata?.AllowedPattern ?? '',
    KeyId: metadata?.KeyId,
    Tier: metadata?.Tier ?? 'Standard',
    Policies: `[${(metadata?.Policies ?? []).map(({ PolicyText }) => PolicyText).join(',')}]`,
  };
}

/** Decrypted where the key allows it; otherwise secrets have no values and cannot be compared. */
export async function readStoreAsAllowed(client: Client, path: string): Promise<Tree> {
  try {
    return await readStore(client, path, { decrypt: true });
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'AccessDeniedException')) throw error;
    return readStore(client, path, { decrypt: false });
  }
}

async function everyPage<Page extends object, Row>(
  client: Client,
  operation: string,
  input: object,
  rowsOf: (page: Page) => readonly Row[] | undefined,
): Promise<Row[]> {
  const rows: Row[] = [];
  let token: string | undefined;
  do {
    const page: Page & { readonly NextToken?: string } = await client.ssm(
      operation,
      token === undefined ? input : { ...input, NextToken: token },
    );
    rows.push(...(rowsOf(page) ?? []));
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  return rows;
}

export interface Outcome {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly failed: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Carries out a plan. A failure does not stop the others: each parameter is written completely or not at all.
 * @param path normalized
 * @param done called with each result
 */
export async function carryOut(
  client: Client,
  path: string,
  plan: Plan,
  done: (line: string) => void,
): Promise<Outcome> {
  const failed: { name: string; why: string }[] = [];
  let [created, updated, deleted] = [0, 0, 0];
  const failing = async (names: readonly string[], work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // Without a connection all further calls would fail too.
      if (!(error instanceof ServiceError)) throw error;
      for (const name of names) failed.push({ name, why: error.message });
    }
  };
  await manyAtOnce(plan.writes, atOnce, ({ name, overwrite, input }) =>
    failing([name], async () => {
      const { Version } = await client.ssm<{ Version: number }>('PutParameter', {
        Name: fullName(path, name),
        Overwrite: overwrite,
        ...input,
      });
      if (overwrite) updated++;
      else created++;
      done(`${fullName(path, name)} ${overwrite ? 'updated' : 'created'}, version ${Version}`);
    }),
  );
  for (let at = 0; at < plan.deletes.length; at += deletedAtOnce) {
    const names = plan.deletes.slice(at, at + deletedAtOnce);
    await failing(names, async () => {
      await client.ssm('DeleteParameters', { Names: names.map((name) => fullName(path, name)) });
      deleted += names.length;
      for (const name of names) done(`${fullName(path, name)} deleted`);
    });
  }
  return { created, updated, deleted, failed };
}
