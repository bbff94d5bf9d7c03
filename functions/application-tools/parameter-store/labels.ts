/** Labels of versions (spec: parameter-store.md §5). Pure. */
import { ParameterMaxVersionLimitExceeded, ParameterVersionLabelLimitExceeded } from './errors.ts';

/** Labels to their versions. */
export type Labels = Readonly<Record<string, number>>;

/** The limit of one version. */
const mostLabels = 10;
/** The limit of one parameter. A new version removes the oldest one. */
export const mostVersions = 100;

export function labelsOf(labels: Labels, version: number): string[] {
  return Object.keys(labels)
    .filter((label) => labels[label] === version)
    .sort();
}

/** The version with a label. */
export function labelled(labels: Labels, label: string): number | undefined {
  return Object.hasOwn(labels, label) ? labels[label] : undefined;
}

function isLabel(label: string): boolean {
  return /^[\w.-]{1,100}$/.test(label) && !/^(?:\d|aws|ssm)/i.test(label);
}

/**
 * Adds labels to a version; a label moves from another version. Invalid labels are returned and left out.
 * @throws ParameterVersionLabelLimitExceeded when the version would have more than 10
 */
export function withLabels(
  before: Labels,
  version: number,
  given: readonly string[],
): { readonly labels: Labels; readonly invalid: string[] } {
  const named = [...new Set(given)];
  const labels = { ...before, ...Object.fromEntries(named.filter(isLabel).map((label) => [label, version])) };
  if (labelsOf(labels, version).length > mostLabels)
    throw new ParameterVersionLabelLimitExceeded(
      'A parameter version can have maximum 10 labels. Move one or more labels to another version and try again.',
    );
  return { labels, invalid: named.filter((label) => !isLabel(label)) };
}

/** Removes labels from a version. Labels that it does not have are returned. */
export function withoutLabels(
  before: Labels,
  version: number,
  given: readonly string[],
): { readonly labels: Labels; readonly removed: string[]; readonly invalid: string[] } {
  const named = [...new Set(given)];
  const removed = named.filter((label) => labelled(before, label) === version);
  return {
    labels: Object.fromEntries(Object.entries(before).filter(([label]) => !removed.includes(label))),
    removed,
    invalid: named.filter((label) => !removed.includes(label)),
  };
}

/**
 * The oldest version that is kept when a new one is added.
 * @throws ParameterMaxVersionLimitExceeded when the version to be removed has a label
 */
export function oldestBeside(next: number, oldest: number, labels: Labels, name: string): number {
  if (next - oldest < mostVersions) return oldest;
  if (labelsOf(labels, oldest).length > 0)
    throw new ParameterMaxVersionLimitExceeded(
      `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    );
  return oldest + 1;
}
