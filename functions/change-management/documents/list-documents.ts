/** ListDocuments. */
import type { DocumentIdentifier } from '@aws-sdk/client-ssm';
import type { RequestContext } from '../../../core/context.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { filteredPage, type Candidate, type TextPosition } from '../../../core/filtered-pages.ts';
import { tagsOf, toTagList, type Tags } from '../../tags/index.ts';
import { amazon } from './document-name.ts';
import { filtersOf, meets, sourcesOf, tagKeyOf, type Filter, type Listed } from './filters.ts';
import { listingOf } from './listing.ts';
import { ownedDocument, readDocument } from './resolve-document.ts';
import { documentResource, listPartition, versionNameKey, type ListingItem } from './store.ts';

/** This account's documents and AWS's, ordered by name. */
export const listDocuments: SsmOperation<'ListDocuments'> = async (input, context) => {
  const filters = filtersOf(input);
  const { items, nextToken } = await filteredPage(
    context,
    { token: input.NextToken, limit: input.MaxResults ?? 50, purpose: 'ListDocuments' },
    (position?: TextPosition) => entriesBehind(context, sourcesOf(filters), position?.after ?? ''),
    async (entry) => {
      const tags = await matching(context, entry, filters);
      return tags === undefined ? undefined : identify(entry, tags);
    },
  );
  return { DocumentIdentifiers: items, NextToken: nextToken };
};

async function* entriesBehind(
  context: RequestContext,
  sources: { readonly own: boolean; readonly amazon: boolean },
  after: string,
): AsyncGenerator<Candidate<Listed, TextPosition>> {
  for await (const entry of entries(context, sources, after)) yield { item: entry, position: { after: entry.name } };
}

/** The tags of an entry that matches all filters; undefined when it does not match. */
async function matching(context: RequestContext, entry: Listed, filters: readonly Filter[]): Promise<Tags | undefined> {
  if (!meets(entry, filters)) return undefined;
  for (const { key, values } of filters)
    if (key === 'VersionName' && !(await hasVersionNamed(context, entry, values))) return undefined;
  const tags = entry.owner === amazon ? {} : await tagsOf(context, documentResource, entry.name);
  const tagged = filters.every((filter) => {
    const key = tagKeyOf(filter);
    return key === undefined || (Object.hasOwn(tags, key) && filter.values.includes(tags[key] ?? ''));
  });
  return tagged ? tags : undefined;
}

async function hasVersionNamed(context: RequestContext, entry: Listed, names: readonly string[]): Promise<boolean> {
  if (entry.owner === amazon) return false;
  const id = (await readDocument(context, entry.name))?.id;
  if (id === undefined) return false;
  for (const name of names) if ((await context.state.get(versionNameKey(id, name))) !== undefined) return true;
  return false;
}

async function* entries(
  context: RequestContext,
  sources: { readonly own: boolean; readonly amazon: boolean },
  after: string,
): AsyncGenerator<Listed> {
  const owned = sources.amazon
    ? context.ownedDocuments
        .map(({ name }) => name)
        .filter((name) => name > after)
        .sort()
    : [];
  for await (const entry of sources.own ? ownEntries(context, after) : nothing()) {
    while (owned[0] !== undefined && owned[0] < entry.name) yield amazonEntry(context, owned.shift()!);
    yield entry;
  }
  for (const name of owned) yield amazonEntry(context, name);
}

async function* nothing(): AsyncGenerator<Listed> {}

async function* ownEntries(context: RequestContext, after: string): AsyncGenerator<Listed> {
  let page: string | undefined;
  do {
    // Names contain no blank, so this is the first key after `after`.
    const { rows, next } = await context.state.query<ListingItem>({
      pk: listPartition,
      ...(after === '' ? {} : { from: `${after} ` }),
      limit: 100,
      after: page,
    });
    for (const row of rows) yield { ...row.body, owner: context.account };
    page = next;
  } while (page !== undefined);
}

async function amazonEntry(context: RequestContext, name: string): Promise<Listed> {
  const document = await ownedDocument(context.ownedDocuments.find((owned) => owned.name === name)!);
  return { ...listingOf(document, document), owner: amazon };
}

function identify(entry: Listed, tags: Tags): DocumentIdentifier {
  return {
    Name: entry.name,
    Owner: entry.owner,
    CreatedDate: new Date(entry.createdAt),
    DisplayName: entry.displayName,
    VersionName: entry.versionName,
    DocumentVersion: String(entry.version),
    DocumentType: entry.documentType,
    DocumentFormat: entry.format,
    SchemaVersion: entry.schemaVersion === '' ? undefined : entry.schemaVersion,
    PlatformTypes: [...entry.platformTypes],
    TargetType: entry.targetType,
    Requires: entry.requires,
    Tags: toTagList(tags),
  };
}
