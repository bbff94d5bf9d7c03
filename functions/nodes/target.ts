/** Parses `Targets`: each has a key and values. Values of one key are joined by "or", keys by "and". */
import { InvalidTarget } from '../../core/errors.ts';
import type { Node } from './node.ts';

/** As in the API, where members are optional. */
export interface Target {
  readonly Key?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

export type Criterion =
  | { readonly by: 'everything' }
  | { readonly by: 'id'; readonly ids: readonly string[] }
  | { readonly by: 'id-prefix'; readonly prefix: string }
  | { readonly by: 'tag'; readonly key: string; readonly values: readonly string[] }
  | { readonly by: 'tag-key'; readonly keys: readonly string[] };

/** As requested: a resource group's query is read later, when nodes are looked for. */
export type TargetCriterion = Criterion | { readonly by: 'group'; readonly name: string };

/** No node matches it. */
export const nothing: Criterion = { by: 'id', ids: [] };

/** AWS's quota. */
const mostTypes = 5;

/**
 * The criteria that a node must match, all of them. Targets with the same key become one criterion with all their
 * values. `InstanceIds` may be written in any case, and its value `*` means every node.
 * @throws InvalidTarget for an unknown key, a key without values, more than one group or five types
 */
export function criteriaOf(targets: readonly Target[]): TargetCriterion[] {
  const values = new Map<string, string[]>();
  for (const { Key: given = '', Values: more = [] } of targets) {
    const key = given.toLowerCase() === 'instanceids' ? 'InstanceIds' : given;
    values.set(key, [...(values.get(key) ?? []), ...more]);
  }
  return [...values].map(([key, wanted]) => criterionOf(key, [...new Set(wanted)]));
}

function criterionOf(key: string, values: readonly string[]): TargetCriterion {
  if (values.length === 0) throw new InvalidTarget(`The target ${key} has no values.`);
  if (key === 'InstanceIds') return values.includes('*') ? { by: 'everything' } : { by: 'id', ids: values };
  if (key === 'tag-key') return { by: 'tag-key', keys: values };
  if (key.startsWith('tag:') && key.length > 'tag:'.length) return { by: 'tag', key: key.slice('tag:'.length), values };
  if (key === 'resource-groups:Name') return { by: 'group', name: onlyOne(values) };
  if (key === 'resource-groups:ResourceTypeFilters') return ofTypes(values);
  throw new InvalidTarget(
    `The target key ${key} is not valid. Valid keys: InstanceIds, tag-key, tag:<key>, resource-groups:Name, resource-groups:ResourceTypeFilters.`,
  );
}

function onlyOne(names: readonly string[]): string {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw new InvalidTarget('resource-groups:Name takes one group.');
  return name;
}

/** AWS's own examples write `AWS::EC2::INSTANCE`. */
function ofTypes(types: readonly string[]): Criterion {
  if (types.length > mostTypes)
    throw new InvalidTarget(`resource-groups:ResourceTypeFilters takes at most ${mostTypes} types.`);
  return nodesOfTypes(types.map((type) => type.toLowerCase()));
}

/** The nodes among resources of the given types, in lower case. Every node is a managed instance. */
export function nodesOfTypes(types: readonly string[]): Criterion {
  if (types.includes('aws::allsupported') || types.includes('aws::ssm::managedinstance')) return { by: 'everything' };
  return types.includes('aws::ec2::instance') ? { by: 'id-prefix', prefix: 'i-' } : nothing;
}

/** Whether a node matches all criteria. */
export function meets(node: Pick<Node, 'id' | 'tags'>, criteria: readonly Criterion[]): boolean {
  return criteria.every((criterion) => {
    switch (criterion.by) {
      case 'everything':
        return true;
      case 'id':
        return criterion.ids.includes(node.id);
      case 'id-prefix':
        return node.id.startsWith(criterion.prefix);
      case 'tag':
        return Object.hasOwn(node.tags, criterion.key) && criterion.values.includes(node.tags[criterion.key] ?? '');
      case 'tag-key':
        return criterion.keys.some((key) => Object.hasOwn(node.tags, key));
    }
  });
}
