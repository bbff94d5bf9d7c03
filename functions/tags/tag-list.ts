/** AWS's rules for tags. */
import { ApiError, ValidationException } from '../../core/errors.ts';
import type { Tags } from './store.ts';

export class TooManyTagsError extends ApiError {
  override readonly code = 'TooManyTagsError';
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** AWS's quota of tags on one resource. */
export const mostTags = 50;

const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * A request's tags as a map.
 * @throws ValidationException for a reserved or invalid key, an invalid value, or a repeated key
 * @throws TooManyTagsError above 50
 */
export function toTags(
  list: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Tags {
  const tags: Record<string, string> = {};
  for (const { Key: key = '', Value: value = '' } of list ?? []) {
    if (key === '' || !allowed.test(key)) throw new ValidationException(`The tag key is invalid: ${key}`);
    if (!allowed.test(value)) throw new ValidationException(`The value of the tag ${key} is invalid.`);
    if (/^aws:/i.test(key)) throw new ValidationException('Tag keys that begin with aws: are reserved for AWS.');
    if (Object.hasOwn(tags, key)) throw new ValidationException(`The tag key ${key} is named more than once.`);
    define(tags, key, value);
  }
  return limited(tags);
}

/** Tags as the API lists them, ordered by key. */
export function toTagList(tags: Tags): Tag[] {
  return Object.keys(tags)
    .sort()
    .map((key) => ({ Key: key, Value: tags[key] ?? '' }));
}

/** `before` with `added`, which replaces equal keys. @throws TooManyTagsError above 50 */
export function withTags(before: Tags, added: Tags): Tags {
  return limited({ ...before, ...added });
}

/** `before` without the named keys; absent ones are ignored. */
export function withoutTags(before: Tags, keys: readonly string[]): Tags {
  const removed = new Set(keys);
  return Object.fromEntries(Object.entries(before).filter(([key]) => !removed.has(key)));
}

function limited(tags: Tags): Tags {
  if (Object.keys(tags).length > mostTags) throw new TooManyTagsError(`A resource has at most ${mostTags} tags.`);
  return tags;
}

/** A key may be `__proto__`, which must not change the object's prototype. */
function define(tags: Record<string, string>, key: string, value: string): void {
  Object.defineProperty(tags, key, { value, enumerable: true, writable: true, configurable: true });
}
