/**
 * Public parameters, under /aws/service: everybody may read them, nobody may write them (spec: parameter-store.md §8).
 * Regions, their zones and services are built in, as AWS publishes them. All others must be imported by the operator.
 */
import type { AwsLocation } from '../../../core/arns.ts';
import type { Context } from '../../../core/context.ts';
import { ValidationException } from '../../../core/errors.ts';
import { partitionOf } from '../../../core/partition.ts';
import { ParameterNotFound } from './errors.ts';
import { importedUnder, readImported, type Imported } from './imported-public.ts';
import { idOf, isId } from './names.ts';
import type { FoundVersion } from './read-parameter.ts';
import type { VersionItem } from './store.ts';

interface Infrastructure {
  readonly regions: Readonly<Record<string, RegionFacts>>;
  readonly services: Readonly<Record<string, ServiceFacts>>;
}

interface RegionFacts {
  readonly longName?: string;
  readonly partition?: string;
  readonly domain?: string;
  readonly geolocationCountry?: string;
  readonly geolocationRegion?: string;
  /** Ids of availability zones: `use1-az1`. */
  readonly zones?: readonly string[];
}

interface ServiceFacts {
  readonly longName?: string;
  readonly marketingHomeURL?: string;
  /** Indexes in the list of regions. */
  readonly regions?: readonly number[];
}

const root = '/aws/service/global-infrastructure';
const secrets = '/aws/reference/secretsmanager/';

/** Whether a name or ARN is one of AWS's own. */
export function isPublic(given: string): boolean {
  return /^(?:arn:aws[\w-]*:ssm:[\w-]*::parameter)?\/aws\//.test(given);
}

/** @throws ParameterNotFound, ValidationException */
export async function publicVersion(given: string, context: Context, withDecryption?: boolean): Promise<FoundVersion> {
  const name = idOf(given.slice(given.lastIndexOf(':parameter/') + 1).replace(/^parameter(?=\/)/, ''));
  if (name.startsWith(secrets)) {
    if (withDecryption !== true)
      throw new ValidationException('WithDecryption flag must be True for retrieving a Secret Manager secret.');
    throw new ParameterNotFound(
      `An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${name} not found.`,
    );
  }
  const value = (await parameters()).get(name);
  if (value !== undefined) return versionOf(name, ours(value), context);
  const imported = isId(name) ? await readImported(context, name) : undefined;
  if (imported !== undefined) return versionOf(name, imported, context);
  throw new ParameterNotFound(
    `Parameter ${given} not found.${name.startsWith(`${root}/`) ? '' : ` Of AWS's public parameters Flotilla has those under ${root}, and what was imported.`}`,
  );
}

/** A page of the public parameters below a path, ordered by name. */
export async function publicUnder(
  path: string,
  recursive: boolean,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
  context: Context,
): Promise<{ readonly found: readonly FoundVersion[]; readonly next?: { readonly after: string } }> {
  const prefix = `${path}/`;
  const known = [...(await parameters())].filter(
    ([name]) => name > after && name.startsWith(prefix) && (recursive || !name.includes('/', prefix.length)),
  );
  const found = [
    ...known.slice(0, limit + 1).map(([name, value]) => versionOf(name, ours(value), context)),
    ...(await importedUnder(context, path, recursive, after, limit + 1)).map((imported) =>
      versionOf(imported.name, imported, context),
    ),
  ].sort(({ item: one }, { item: other }) => (one.name < other.name ? -1 : 1));
  return {
    found: found.slice(0, limit),
    ...(found.length > limit ? { next: { after: found[limit - 1]!.item.name } } : {}),
  };
}

let loaded: Promise<ReadonlyMap<string, string>> | undefined;

/** Names to values. Loaded with the first request: most users never ask. */
function parameters(): Promise<ReadonlyMap<string, string>> {
  loaded ??= import('./global-infrastructure.json', { with: { type: 'json' } }).then((file) =>
    namesOf(file.default as unknown as Infrastructure),
  );
  return loaded;
}

function namesOf({ regions, services }: Infrastructure): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  const regionIds = Object.keys(regions);
  for (const [id, { zones = [], ...facts }] of Object.entries(regions)) {
    all.set(`${root}/regions/${id}`, id);
    for (const [fact, value] of Object.entries(facts)) all.set(`${root}/regions/${id}/${fact}`, value);
    for (const zone of zones) {
      all.set(`${root}/regions/${id}/availability-zones/${zone}`, zone);
      all.set(`${root}/availability-zones/${zone}`, zone);
    }
  }
  for (const [id, { regions: places = [], ...facts }] of Object.entries(services)) {
    all.set(`${root}/services/${id}`, id);
    for (const [fact, value] of Object.entries(facts)) all.set(`${root}/services/${id}/${fact}`, value);
    for (const region of places.map((at) => regionIds[at] ?? '')) {
      all.set(`${root}/services/${id}/regions/${region}`, region);
      all.set(`${root}/regions/${region}/services/${id}`, id);
    }
  }
  return new Map([...all].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Built-in parameters are the service's own, so nodes on its own machine may read them. */
const ours = (value: string): Pick<Imported, 'value' | 'importedAt' | 'byAdmin'> => ({
  value,
  importedAt: published,
  byAdmin: true,
});

function versionOf(
  name: string,
  { value, importedAt, byAdmin }: Pick<Imported, 'value' | 'importedAt' | 'byAdmin'>,
  { region }: Pick<AwsLocation, 'region'>,
): FoundVersion {
  const item: VersionItem = {
    name,
    type: 'String',
    value,
    version: 1,
    modifiedAt: importedAt,
    modifiedBy: 'AmazonSSM',
    byAdmin,
    tier: 'Standard',
    dataType: 'text',
    policies: [],
  };
  return { item, arn: `arn:${partitionOf(region).name}:ssm:${region}::parameter${name}` };
}

/** The date of the built-in data. */
const published = Date.UTC(2025, 10, 1);
