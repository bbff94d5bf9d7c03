/** Plans the writes that turn one tree into another. */
import { Failed } from '../failed.ts';
import type { ComparedMember, Difference } from './compare.ts';
import type { Entry } from './tree.ts';

export interface Write {
  readonly name: string;
  readonly overwrite: boolean;
  /** The input of PutParameter without Name and Overwrite. */
  readonly input: Entry;
}

export interface Plan {
  readonly writes: readonly Write[];
  readonly deletes: readonly string[];
  /** Parameters that stay unchanged although they differ, or may differ. */
  readonly leftAlone: readonly { readonly name: string; readonly why: string }[];
  /** Why nothing at all may be written. */
  readonly refused: readonly { readonly name: string; readonly why: string }[];
}

export interface PlanOptions {
  /** Whether existing parameters may be changed. */
  readonly overwrite: boolean;
  /** Whether parameters that the source does not have may be deleted. */
  readonly remove: boolean;
  /** For new secrets. Default: the source's key, then AWS's alias. */
  readonly keyId?: string | undefined;
}

/** @param differences from the current target to the wanted target */
export function makePlan(differences: readonly Difference[], options: PlanOptions): Plan {
  const writes: Write[] = [];
  const deletes: string[] = [];
  const leftAlone: { name: string; why: string }[] = [];
  const refused: { name: string; why: string }[] = [];
  for (const { name, kind, before = {}, after = {}, members } of differences) {
    if (after.Value === '') refused.push({ name, why: 'a parameter’s value may not be empty' });
    else if (kind === 'removed') {
      if (options.remove) deletes.push(name);
      else leftAlone.push({ name, why: 'only the target has it' });
    } else if (kind === 'added') {
      if (after.Value === undefined) leftAlone.push({ name, why: 'its value is not known' });
      else writes.push({ name, overwrite: false, input: created(after, options) });
    } else if (members.includes('Type')) {
      refused.push({ name, why: `it is a ${before.Type} and cannot become a ${after.Type}: delete it first` });
    } else if (after.Value === undefined && (members.length === 0 || before.Value === undefined)) {
      leftAlone.push({ name, why: 'its value is not known' });
    } else if (!options.overwrite) {
      refused.push({ name, why: 'it is there already and differs: --overwrite replaces it' });
    } else writes.push({ name, overwrite: true, input: updated(before, after, members) });
  }
  return { writes, deletes, leftAlone, refused };
}

/** An empty text cannot be sent to PutParameter; leaving it out means the same. */
const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function created(after: Entry, { keyId }: PlanOptions): Entry {
  const Type = after.Type ?? 'String';
  return said({
    Type,
    Value: after.Value,
    Description: given(after.Description),
    DataType: after.DataType === 'text' ? undefined : after.DataType,
    AllowedPattern: given(after.AllowedPattern),
    KeyId: Type === 'SecureString' ? (keyId ?? after.KeyId) : undefined,
    Tier: after.Tier === 'Standard' ? undefined : after.Tier,
    Policies: after.Policies === '[]' ? undefined : after.Policies,
  });
}

/** The target keeps its key and policies; an empty text removes the old one. */
function updated(before: Entry, after: Entry, members: readonly ComparedMember[]): Entry {
  const changed = (member: ComparedMember): string | undefined =>
    members.includes(member) ? after[member] : undefined;
  return said({
    Value: after.Value ?? before.Value,
    Description: changed('Description'),
    DataType: changed('DataType'),
    AllowedPattern: changed('AllowedPattern'),
    // A longer value may need the tier, and it cannot be changed back.
    Tier: after.Tier === 'Advanced' ? 'Advanced' : undefined,
  });
}

const said = (entry: Entry): Entry =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));

/** @throws Failed with all reasons; nothing has been written then */
export function refuseIfAny({ refused }: Plan): void {
  if (refused.length > 0)
    throw new Failed(`nothing was written\n${refused.map(({ name, why }) => `  ${name}: ${why}`).join('\n')}`);
}
