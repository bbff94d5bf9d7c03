/** Compares two trees. */
import { isSecret, sorted, type Entry, type Tree } from './tree.ts';

const compared = ['Type', 'Value', 'Description', 'DataType', 'AllowedPattern'] as const;
export type ComparedMember = (typeof compared)[number];

/** How one parameter differs between two trees; equal ones have no entry. */
export interface Difference {
  readonly name: string;
  /** unknown: everything comparable is equal, but one side's value is not known. */
  readonly kind: 'added' | 'removed' | 'changed' | 'unknown';
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
  /** For a change: the members that differ. */
  readonly members: readonly ComparedMember[];
}

/**
 * The differences, ordered by name. KeyId, Tier and Policies belong to the stage and not to the value, so they are not
 * compared; nor are members that one side does not have.
 */
export function compareTrees(before: Tree, after: Tree): Difference[] {
  const names = sorted([...before, ...after]).keys();
  return Array.from(names).flatMap((name): Difference[] => {
    const [a, b] = [before.get(name), after.get(name)];
    if (a === undefined || b === undefined)
      return [{ name, kind: a === undefined ? 'added' : 'removed', before: a, after: b, members: [] }];
    const members = compared.filter(
      (member) => a[member] !== undefined && b[member] !== undefined && a[member] !== b[member],
    );
    if (members.length > 0) return [{ name, kind: 'changed', before: a, after: b, members }];
    return a.Value === undefined || b.Value === undefined
      ? [{ name, kind: 'unknown', before: a, after: b, members }]
      : [];
  });
}

const sign = { added: '+', removed: '-', changed: '~', unknown: '?' } as const;

/**
 * A line for each difference, and for each changed member.
 * @param decrypt whether secrets are shown
 */
export function showDifferences(
  differences: readonly Difference[],
  { decrypt }: { readonly decrypt: boolean },
): string[] {
  const wide = Math.max(0, ...differences.map(({ name }) => name.length));
  return differences.flatMap(({ name, kind, before, after, members }) => {
    const head = `${sign[kind]} ${name.padEnd(wide)}`;
    const secret = isSecret(before) || isSecret(after);
    const shown = (entry: Entry | undefined, member: ComparedMember): string =>
      member === 'Value' && secret && !decrypt ? '(secret)' : shownText(entry?.[member]);
    if (kind === 'unknown')
      return [`${head}  ${secret ? 'SecureString' : 'value'} not compared: one side does not tell its value`];
    if (kind !== 'changed') {
      const entry = kind === 'added' ? after : before;
      return [`${head}  ${entry?.Type ?? 'String'} ${shown(entry, 'Value')}`];
    }
    return members.map((member) =>
      member === 'Value' && secret && !decrypt
        ? `${head}  Value (secret) differs`
        : `${head}  ${member} ${shown(before, member)} → ${shown(after, member)}`,
    );
  });
}

/** In quotes and on one line, without characters that move the cursor or change the direction of writing. */
export function shownText(value: string | undefined): string {
  if (value === undefined) return '(unknown)';
  return JSON.stringify(value).replace(
    /[\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
