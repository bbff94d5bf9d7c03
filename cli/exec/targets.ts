/** Parses the TARGETS of a command line: ids, names, `tag:key=value`, `group:name`, `*`. */
import type { Client } from '../client.ts';
import { Failed } from '../failed.ts';

/** As in SendCommand: one of the two. */
export interface CommandTargets {
  readonly InstanceIds?: readonly string[];
  readonly Targets?: readonly { readonly Key: string; readonly Values: readonly string[] }[];
}

export type Word =
  | { readonly kind: 'everything' }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'tag'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'tag-key'; readonly key: string }
  | { readonly kind: 'group'; readonly name: string };

/** SendCommand's limits of ids and of values of one target. */
const mostIds = 50;

/** @throws Failed */
export function readTarget(word: string): Word {
  if (word === '*') return { kind: 'everything' };
  if (/^(mi|i)-[0-9a-f]{8,17}$/.test(word)) return { kind: 'id', id: word };
  if (word.startsWith('group:')) return { kind: 'group', name: word.slice('group:'.length) };
  if (!word.startsWith('tag:')) return { kind: 'name', name: word };
  const equals = word.indexOf('=');
  const key = word.slice('tag:'.length, equals < 0 ? undefined : equals);
  if (key === '') throw new Failed(`${word} names no tag: write tag:key=value, or tag:key for any value`);
  return equals < 0 ? { kind: 'tag-key', key } : { kind: 'tag', key, values: word.slice(equals + 1).split(',') };
}

/**
 * Ids and names are added up; tags limit: values of one key are joined by "or", keys by "and".
 * @throws Failed where no node or several nodes have a name, or where ids and tags are mixed
 */
export async function resolveWords(words: readonly string[], client: Client): Promise<CommandTargets> {
  const read = words.map(readTarget);
  const ids: string[] = [];
  for (const word of read) {
    if (word.kind === 'id') ids.push(word.id);
    else if (word.kind === 'name') ids.push(await idOf(word.name, client));
  }
  const others = read.filter(({ kind }) => kind !== 'id' && kind !== 'name');
  if (ids.length > 0 && others.length > 0)
    throw new Failed('name nodes, or choose them by tags, a group or *: not both');
  if (ids.length > 0) return targetsOfIds([...new Set(ids)]);
  return { Targets: others.map(targetOf) };
}

function targetsOfIds(ids: readonly string[]): CommandTargets {
  if (ids.length <= mostIds) return { InstanceIds: ids };
  const chunks = Array.from({ length: Math.ceil(ids.length / mostIds) }, (_, index) =>
    ids.slice(index * mostIds, (index + 1) * mostIds),
  );
  return { Targets: chunks.map((Values) => ({ Key: 'InstanceIds', Values })) };
}

function targetOf(word: Word): { readonly Key: string; readonly Values: readonly string[] } {
  switch (word.kind) {
    case 'tag':
      return { Key: `tag:${word.key}`, Values: word.values };
    case 'tag-key':
      return { Key: 'tag-key', Values: [word.key] };
    case 'group':
      return { Key: 'resource-groups:Name', Values: [word.name] };
    default:
      return { Key: 'InstanceIds', Values: ['*'] };
  }
}

interface NamedNode {
  readonly InstanceId: string;
  readonly Name?: string;
  readonly ComputerName?: string;
  readonly PingStatus?: string;
}

/**
 * The node with this machine name, in full or up to its first dot; else with this Name tag. Machines that were
 * registered again have several ids: the one that is online counts.
 */
async function idOf(name: string, client: Client): Promise<string> {
  const byHost =
    (
      await client.ssm<{ Nodes?: { readonly Id: string }[] }>('ListNodes', {
        Filters: [{ Key: 'ComputerName', Values: [name], Type: 'BeginWith' }],
        MaxResults: 50,
      })
    ).Nodes ?? [];
  const found = [
    ...(
      await described(
        byHost.map(({ Id }) => Id),
        client,
      )
    ).filter(({ ComputerName = '' }) => ComputerName === name || ComputerName.startsWith(`${name}.`)),
  ];
  if (found.length === 0) found.push(...(await describe(client, { Key: 'tag:Name', Values: [name] })));
  if (found.length === 0)
    throw new Failed(`no node is called ${name}: give its id, the name of its machine, or the value of its tag Name`);
  const online = found.filter(({ PingStatus }) => PingStatus === 'Online');
  const [one, ...others] = online.length > 0 ? online : found;
  if (one === undefined || others.length > 0)
    throw new Failed(
      `several nodes are called ${name}: ${[one, ...others].map((node) => node?.InstanceId).join(', ')}`,
    );
  return one.InstanceId;
}

/** The descriptions of nodes, for any number of ids. */
export async function described(ids: readonly string[], client: Client): Promise<NamedNode[]> {
  const nodes: NamedNode[] = [];
  for (let at = 0; at < ids.length; at += mostIds)
    nodes.push(...(await describe(client, { Key: 'InstanceIds', Values: ids.slice(at, at + mostIds) })));
  return nodes;
}

async function describe(
  client: Client,
  filter: { readonly Key: string; readonly Values: readonly string[] },
): Promise<NamedNode[]> {
  const answer = await client.ssm<{ InstanceInformationList?: NamedNode[] }>('DescribeInstanceInformation', {
    Filters: [filter],
    MaxResults: 50,
  });
  return answer.InstanceInformationList ?? [];
}
