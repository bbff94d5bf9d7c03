/** The filters of ListDocuments. Pure. */
import { InvalidFilterKey, ValidationException } from '../../../core/errors.ts';
import type { ListingItem } from './store.ts';

/** A key, and values of which one must match. */
export interface Filter {
  readonly key: string;
  readonly values: readonly string[];
}

/** An entry of the list with its owner. */
export interface Listed extends ListingItem {
  readonly owner: string;
}

interface Given {
  readonly Filters?:
    readonly { readonly Key?: string | undefined; readonly Values?: readonly string[] | undefined }[] | undefined;
  readonly DocumentFilterList?:
    readonly { readonly key?: string | undefined; readonly value?: string | undefined }[] | undefined;
}

const keys = ['Owner', 'Name', 'PlatformTypes', 'DocumentType', 'TargetType', 'SearchKeyword', 'VersionName'];
const oldKeys = ['Owner', 'Name', 'PlatformTypes', 'DocumentType'];
const owners = ['Self', 'Amazon', 'Public', 'Private', 'ThirdParty', 'All', 'Default'];

/**
 * Parses the filters.
 * @throws ValidationException for both kinds of list, or an Owner that is not one of AWS's words
 * @throws InvalidFilterKey
 */
export function filtersOf({ Filters, DocumentFilterList }: Given): Filter[] {
  if (Filters?.length && DocumentFilterList?.length)
    throw new ValidationException('Filters and DocumentFilterList cannot both be given.');
  const old = (DocumentFilterList ?? []).map(({ key = '', value = '' }) => checked({ key, values: [value] }, oldKeys));
  return [...old, ...(Filters ?? []).map(({ Key: key = '', Values: values = [] }) => checked({ key, values }, keys))];
}

/** Whose documents are requested: `own`, `amazon`, both, or none (ThirdParty). */
export function sourcesOf(filters: readonly Filter[]): { readonly own: boolean; readonly amazon: boolean } {
  const wanted = filters.filter(({ key }) => key === 'Owner').map(({ values }) => values[0] ?? 'All');
  return {
    own: wanted.every((owner) => ['Self', 'Private', 'All', 'Default'].includes(owner)),
    amazon: wanted.every((owner) => ['Amazon', 'Public', 'All', 'Default'].includes(owner)),
  };
}

/** Whether an entry matches the filters that its list row can answer: all but VersionName and tags. */
export function meets(entry: Listed, filters: readonly Filter[]): boolean {
  return filters.every(({ key, values }) => {
    switch (key) {
      case 'Name':
        return values.some((value) => entry.name.startsWith(value));
      case 'PlatformTypes':
        return values.some((value) =>
          (entry.platformTypes as readonly string[]).some((platform) => platform.toLowerCase() === value.toLowerCase()),
        );
      case 'DocumentType':
        return values.includes(entry.documentType);
      case 'TargetType':
        return values.includes(entry.targetType ?? '');
      case 'SearchKeyword':
        return values.some((value) => hasKeyword(entry, value));
      default:
        return true;
    }
  });
}

/** The tag key in a filter key such as `tag:env`. */
export function tagKeyOf({ key }: Filter): string | undefined {
  return key.startsWith('tag:') ? key.slice('tag:'.length) : undefined;
}

function checked(filter: Filter, allowed: readonly string[]): Filter {
  const { key, values } = filter;
  const isTag = allowed === keys && key.startsWith('tag:') && key.length > 'tag:'.length;
  if (!isTag && !allowed.includes(key))
    throw new InvalidFilterKey(
      `The filter key ${key} is not valid. Valid keys: ${allowed.join(', ')}${allowed === keys ? ', tag:<key>' : ''}.`,
    );
  if (values.length === 0) throw new ValidationException(`The filter ${key} has no values.`);
  if (key === 'Owner' && (values.length !== 1 || !owners.includes(values[0] ?? '')))
    throw new ValidationException(`The filter Owner takes one of ${owners.join(', ')}.`);
  return filter;
}

function hasKeyword({ name, displayName = '', description = '' }: Listed, keyword: string): boolean {
  return [name, displayName, description].some((text) => text.toLowerCase().includes(keyword.toLowerCase()));
}
