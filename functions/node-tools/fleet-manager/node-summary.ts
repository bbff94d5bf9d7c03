/** Counts nodes by attributes. Pure. */
import type { AwsLocation } from '../../../core/arns.ts';
import { InvalidAggregatorException } from '../../../core/errors.ts';
import type { SsmInput } from '../../../core/operations.ts';
import type { NodeKind } from '../../nodes/index.ts';
import { commonValue, isCommon, valueOf, type Attribute, type NodeAttribute } from './node-attributes.ts';

type Aggregators = SsmInput<'ListNodesSummary'>['Aggregators'];
type AttributeName = Aggregators[number]['AttributeName'];

const attributes: Readonly<Record<AttributeName, Attribute>> = {
  AgentVersion: 'agentVersion',
  AvailabilityZone: 'availabilityZone',
  PlatformName: 'platformName',
  PlatformType: 'platformType',
  PlatformVersion: 'platformVersion',
  Region: 'region',
  ResourceType: 'resourceType',
  SourceType: 'sourceType',
};

/** Attributes that are known for each kind of node, without reading nodes. */
const ofKind: ReadonlySet<string> = new Set<NodeAttribute & keyof NodeKind>([
  'agentVersion',
  'availabilityZone',
  'platformName',
  'platformType',
  'platformVersion',
]);

export function isOfKind(attribute: Attribute): boolean {
  return ofKind.has(attribute);
}

/**
 * The requested groupings: by one attribute, or by two where one aggregator is inside another. A summary's entry has
 * space for two attributes and the count.
 * @throws InvalidAggregatorException for three attributes, or the same attribute twice
 */
export function groupingsOf(aggregators: Aggregators): (readonly AttributeName[])[] {
  return aggregators.flatMap(({ AttributeName: outer, Aggregators: inner = [] }) => {
    if (inner.length === 0) return [[outer]];
    return inner.map(({ AttributeName: name, Aggregators: deeper = [] }) => {
      if (deeper.length > 0) throw new InvalidAggregatorException('Aggregators can be nested once.');
      if (name === outer) throw new InvalidAggregatorException(`The aggregator ${name} is within itself.`);
      return [outer, name];
    });
  });
}

/** One group of a grouping. */
export interface Group {
  /** The grouping, from 0, and the values. Groups are ordered by this key. */
  readonly key: string;
  readonly entry: Readonly<Record<string, string>>;
}

/** Counts nodes as they come. Attributes that a node does not have are left out of its group's entry. */
export class Summary {
  readonly #groupings: readonly (readonly AttributeName[])[];
  readonly #location: AwsLocation;
  readonly #groups = new Map<string, { readonly values: Readonly<Record<string, string>>; count: number }>();

  constructor(groupings: readonly (readonly AttributeName[])[], location: AwsLocation) {
    this.#groupings = groupings;
    this.#location = location;
  }

  add(node: NodeKind, count: number): void {
    for (const [index, names] of this.#groupings.entries()) {
      const values = names.map((name) => this.#valueOf(name, node));
      const key = JSON.stringify([index, ...values.map((value) => value ?? null)]);
      const group = this.#groups.get(key);
      if (group !== undefined) group.count += count;
      else
        this.#groups.set(key, {
          values: Object.fromEntries(
            names.flatMap((name, at) => (values[at] === undefined ? [] : [[name, values[at]]])),
          ),
          count,
        });
    }
  }

  groups(): Group[] {
    return [...this.#groups]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, { values, count }]) => ({ key, entry: { ...values, Count: String(count) } }));
  }

  #valueOf(name: AttributeName, node: NodeKind): string | undefined {
    const attribute = attributes[name];
    return isCommon(attribute) ? commonValue(attribute, this.#location) : valueOf(attribute, node);
  }
}
