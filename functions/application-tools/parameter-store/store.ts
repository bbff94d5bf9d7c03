/**
 * Keys and items of parameters.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | parameter, its latest version in it | `PARAMETER#<id>` | `PARAMETER` |
 * | earlier version | `PARAMETER#<id>` | `VERSION#<incarnation>#<number, counted down>` |
 * | resource policy | `PARAMETER#<id>` | `VERSION#<incarnation>#POLICY` |
 * | its place in the order of names | `PARAMETERS#<shard>` | `<id>` |
 * | its place among those of one path | `PARAMETERS-IN#<path>` | `<id>` |
 *
 * An id is the name with a slash before it. GetParameter is one read, two where an earlier version is asked for; a path
 * is read in order with all below it, or what stands in it directly, and nothing else. Both orders are of small rows
 * that
 * only creation and deletion write. What is kept by incarnation is swept up behind a parameter that was deleted, and
 * is nothing to one that takes its name. Versions stand newest first: where rows lie in the order of keys, as in
 * SQLite, the
 * one that is put is beside the parameter that it was.
 */
import type { ParameterTier, ParameterType } from '@aws-sdk/client-ssm';
import { padded } from '../../../core/keys-of-rows.ts';
import type { Key, Put } from '../../../core/state.ts';
import type { TagIndex, TagTarget } from '../../tags/index.ts';
import type { DataType } from './data-types.ts';
import { idOf, parentOf } from './names.ts';
import type { Policy } from './policies.ts';

export type Tier = Exclude<ParameterTier, 'Intelligent-Tiering'>;

export interface VersionItem {
  /** As it was created: with or without the slash at the beginning. */
  readonly name: string;
  readonly type: ParameterType;
  /** For a SecureString: as the Keys port encrypted it. */
  readonly value: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  /** The ARN of the caller who changed it. */
  readonly modifiedBy: string;
  /** Whether that was an admin (core/admin-work.ts). Absent in rows of earlier versions, where it counts as no. */
  readonly byAdmin?: boolean | undefined;
  readonly description?: string | undefined;
  readonly allowedPattern?: string | undefined;
  /** For a SecureString: the key as the caller named it. */
  readonly keyId?: string | undefined;
  readonly tier: Tier;
  readonly dataType: DataType;
  readonly policies: readonly Policy[];
}

export interface ParameterItem extends VersionItem {
  /** An internal id: a name that is deleted and created again is another parameter. */
  readonly incarnation: string;
  /** The lowest version that is still kept. */
  readonly oldestVersion: number;
  /** Labels to versions: at most 10 for each of 100 versions. */
  readonly labels: Readonly<Record<string, number>>;
  /** The version that set the policies. */
  readonly policiesVersion: number;
}

/** Says who else may read a parameter. */
export interface ResourcePolicyItem {
  readonly id: string;
  /** Lower-case hexadecimal SHA-256 of the policy. */
  readonly hash: string;
  /** As it was sent. */
  readonly policy: string;
}

/** A row of the order of names: what counting needs. */
export interface OrderItem {
  readonly tier: Tier;
}

/**
 * The first characters of ids, after the slash, at which partitions begin. They follow the names that people usually
 * give.
 */
const shardStarts = ['-', 'A', 'a', 'd', 'g', 'm', 'p', 's'];

/** How names, and tagged names, are spread over partitions while their order is kept. */
export const nameShards: TagIndex = {
  shards: shardStarts,
  shardOf: (id) => shardStarts.findLast((start) => start <= id.slice(1, 2)) ?? shardStarts[0]!,
};

export const parameterKey = (id: string): Key => ({ pk: `PARAMETER#${id}`, sk: 'PARAMETER' });
/** The prefix of all rows of one incarnation. */
export const incarnationPrefix = (incarnation: string): string => `VERSION#${incarnation}#`;
const highestVersion = 999_999_999_999;
export const versionKey = (
  { name, incarnation }: Pick<ParameterItem, 'name' | 'incarnation'>,
  version: number,
): Key => ({
  pk: parameterKey(idOf(name)).pk,
  sk: `${incarnationPrefix(incarnation)}${padded(highestVersion - version, 12)}`,
});
export const resourcePolicyKey = ({ name, incarnation }: Pick<ParameterItem, 'name' | 'incarnation'>): Key => ({
  pk: parameterKey(idOf(name)).pk,
  sk: `${incarnationPrefix(incarnation)}POLICY`,
});
export const orderPartition = (shard: string): string => `PARAMETERS#${shard}`;
export const orderKey = (id: string): Key => ({ pk: orderPartition(nameShards.shardOf(id)), sk: id });
export const levelPartition = (path: string): string => `PARAMETERS-IN#${path}`;
export const levelKey = (id: string): Key => ({ pk: levelPartition(parentOf(id)), sk: id });

export const putOrder = (id: string, tier: Tier): Put<OrderItem> => ({ put: orderKey(id), body: { tier } });

/** The resource type of parameters' tags. */
export const parameterResource = 'Parameter';
/** A parameter as a target of tags. */
export const parameterTags = (id: string): TagTarget => ({
  resourceType: parameterResource,
  resourceId: id,
  index: nameShards,
});
