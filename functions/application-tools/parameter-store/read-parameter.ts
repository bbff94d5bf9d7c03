/** Reads one parameter, or one of its versions. */
import type { Parameter } from '@aws-sdk/client-ssm';
import type { Context, RequestContext } from '../../../core/context.ts';
import type { Row } from '../../../core/state.ts';
import { ParameterVersionNotFound } from './errors.ts';
import { labelled } from './labels.ts';
import { checkedReference, noSuchParameter, parameterArn, type Selector } from './names.ts';
import { expirationOf } from './policies.ts';
import { shownValue } from './secrets.ts';
import { parameterKey, versionKey, type ParameterItem, type VersionItem } from './store.ts';

/** The current parameter. An expired one counts as deleted, even when its timer is late. */
export async function readParameter(context: Context, id: string): Promise<Row<ParameterItem> | undefined> {
  const row = await context.state.get<ParameterItem>(parameterKey(id));
  return row === undefined || hasExpired(row.body, context) ? undefined : row;
}

export function hasExpired(item: ParameterItem, { clock }: Pick<Context, 'clock'>): boolean {
  if (item.policies.length === 0) return false;
  const expiration = expirationOf(item);
  return expiration !== undefined && expiration <= clock.now();
}

/** A version, and the selector by which it was found. */
export interface FoundVersion {
  readonly item: VersionItem;
  readonly selector?: Selector | undefined;
  /** Present where it is not one of this account's. */
  readonly arn?: string;
}

/**
 * Finds the version for a name, with or without a selector, or for an ARN.
 * @throws ValidationException for an invalid name, ParameterNotFound, ParameterVersionNotFound
 */
export async function findVersion(context: Context, given: string): Promise<FoundVersion> {
  const reference = checkedReference(given, context);
  const row = reference === undefined ? undefined : await readParameter(context, reference.id);
  if (reference === undefined || row === undefined) throw noSuchParameter(given);
  const { selector } = reference;
  if (selector === undefined) return { item: row.body };
  const version = selector.version ?? labelled(row.body.labels, selector.label ?? '');
  const item = version === undefined ? undefined : await readVersion(context, row.body, version);
  if (item === undefined) throw noSuchSelector(row.body.name, selector);
  return { item, selector };
}

/** `undefined` for a version that does not exist, or no longer exists. */
export async function readVersion(
  context: Context,
  parameter: ParameterItem,
  version: number,
): Promise<VersionItem | undefined> {
  if (version === parameter.version) return parameter;
  if (!(version >= parameter.oldestVersion && version < parameter.version)) return undefined;
  return (await context.state.get<VersionItem>(versionKey(parameter, version)))?.body;
}

/** A version as GetParameter shows it. */
export async function shown(
  { item, selector, arn }: FoundVersion,
  withDecryption: boolean | undefined,
  operation: string,
  context: RequestContext,
): Promise<Parameter> {
  return {
    Name: item.name,
    Type: item.type,
    Value: await shownValue(item, withDecryption, operation, context),
    Version: item.version,
    ...(selector === undefined ? {} : { Selector: selector.text }),
    LastModifiedDate: new Date(item.modifiedAt),
    ARN: arn ?? parameterArn(item.name, context),
    DataType: item.dataType,
  };
}

export function noSuchVersion(name: string, version: number): ParameterVersionNotFound {
  return new ParameterVersionNotFound(
    `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
  );
}

function noSuchSelector(name: string, { version, label }: Selector): ParameterVersionNotFound {
  if (version !== undefined) return noSuchVersion(name, version);
  return new ParameterVersionNotFound(
    `Systems Manager could not find label ${label} for parameter ${name}. Verify the label and try again.`,
  );
}
