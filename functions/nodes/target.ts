/** What `Targets` ask for: keys that name nodes, values of one key joined by or, keys by and. */
import { InvalidTarget } from '../../core/errors.ts';
import type { Node } from './node.ts';

/** As the API has it. Members are optional there. */
export interface Target {
  readonly Key?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

export type Criterion =
  | { readonly by: 'everything' }
  | { readonly by: 'id'; readonly ids: readonly string[] }
  | { readonly by: 'tag'; readonly key: string; readonly values: readonly string[] }
  | { readonly by: 'tag-key'; readonly keys: readonly string[] };

/**
 * The criteria that a node must meet, all of them. Targets with the same key are one criterion of all their
 * values; `InstanceIds` is read in any case and `*` in it means every node.
 * @throws InvalidTarget for an unknown key, or a key without values
 */
export function criteriaOf(targets: readonly Target[]): Criterion[] {
  const values = new Map<string, string[]>();
  for (const { Key: given = '', Values: more = [] } of targets) {
    const key = given.toLowerCase() === 'instanceids' ? 'InstanceIds' : given;
    values.set(key, [...(values.get(key) ?? []), ...more]);
  }
  return [...values].map(([key, wanted]) => criterionOf(key, [...new Set(wanted)]));
}

/** Whether targets are well-formed, before any node is looked for. @throws InvalidTarget as {@link criteriaOf} */
export function checkTargets(targets: readonly Target[]): void {
  criteriaOf(targets);
}

function criterionOf(key: string, values: readonly string[]): Criterion {
  if (values.length === 0) throw new InvalidTarget(`The target ${key} has no values.`);
  if (key === 'InstanceIds') return values.includes('*') ? { by: 'everything' } : { by: 'id', ids: values };
  if (key === 'tag-key') return { by: 'tag-key', keys: values };
  if (key.startsWith('tag:') && key.length > 'tag:'.length) return { by: 'tag', key: key.slice('tag:'.length), values };
  if (key.startsWith('resource-groups:')) throw new InvalidTarget(`Targets by ${key} are not supported yet.`);
  throw new InvalidTarget(`The target key ${key} is not valid. Valid keys: InstanceIds, tag-key, tag:<key>.`);
}

/** Whether a node meets all criteria. */
export function meets(node: Pick<Node, 'id' | 'tags'>, criteria: readonly Criterion[]): boolean {
  return criteria.every((criterion) => {
    switch (criterion.by) {
      case 'everything':
        return true;
      case 'id':
        return criterion.ids.includes(node.id);
      case 'tag':
        return Object.hasOwn(node.tags, criterion.key) && criterion.values.includes(node.tags[criterion.key] ?? '');
      case 'tag-key':
        return criterion.keys.some((key) => Object.hasOwn(node.tags, key));
    }
  });
}
