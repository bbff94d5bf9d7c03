/** GetInventorySchema: types and their attributes. */
import type { InventoryItemSchema } from '@aws-sdk/client-ssm';
import type { SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { awsTypes, type AwsType } from './aws-types.ts';
import { InvalidTypeNameException } from './errors.ts';
import { readCustomTypes, type CustomTypeItem } from './store.ts';

/** AWS's page sizes are 50 to 200. */
const defaultPage = 50;

/**
 * The schemas of all types, or of the named one, ordered by name. `Aggregator` asks for types that can be aggregated:
 * there are none yet. `SubType` asks for types with sub-types.
 * @throws InvalidTypeNameException, InvalidNextToken
 */
export const getInventorySchema: SsmOperation<'GetInventorySchema'> = async (
  { TypeName = '', NextToken, MaxResults = defaultPage, Aggregator = false, SubType = false },
  context,
) => {
  const after =
    NextToken === undefined
      ? ''
      : (await decodeToken<{ after: string }>(context, NextToken, 'GetInventorySchema')).after;
  const fixed = awsTypes.filter((type) => !SubType || type.subTypeBy !== undefined).map(awsSchema);
  const custom = SubType ? [] : (await readCustomTypes(context.state)).map(customSchema);
  const named = [...fixed, ...custom].filter((schema) => TypeName === '' || schema.TypeName === TypeName);
  if (TypeName !== '' && named.length === 0)
    throw new InvalidTypeNameException(`The inventory type ${TypeName} is not valid.`);
  const schemas = Aggregator
    ? []
    : named.filter((schema) => schema.TypeName > after).sort((a, b) => (a.TypeName < b.TypeName ? -1 : 1));
  const page = schemas.slice(0, MaxResults);
  const last = page.at(-1);
  return {
    Schemas: page,
    ...(schemas.length > page.length && last !== undefined
      ? { NextToken: await encodeToken(context, { after: last.TypeName }, 'GetInventorySchema') }
      : {}),
  };
};

type Schema = InventoryItemSchema & { TypeName: string };

function awsSchema(type: AwsType): Schema {
  return {
    TypeName: type.name,
    Version: type.versions.at(-1),
    Attributes: type.attributes.map(({ name, dataType }) => ({ Name: name, DataType: dataType })),
    DisplayName: displayName(type.name),
  };
}

function customSchema(type: CustomTypeItem): Schema {
  return {
    TypeName: type.typeName,
    Version: type.version,
    Attributes: type.attributes.map((name) => ({ Name: name, DataType: 'string' })),
    DisplayName: displayName(type.typeName),
  };
}

const displayName = (typeName: string): string => typeName.slice(typeName.indexOf(':') + 1);
