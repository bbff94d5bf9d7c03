/** GetParametersByPath. */
import { ValidationException } from '../../../core/errors.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { byPathFilters, meets } from './filters.ts';
import { findParameters, listParameters, namesUnder } from './find-parameters.ts';
import { labelled } from './labels.ts';
import { checkPath } from './names.ts';
import { isPublic, publicUnder } from './public-parameters.ts';
import { readVersion, shown, type FoundVersion } from './read-parameter.ts';
import type { ParameterItem } from './store.ts';

/** AWS's limit for a page. */
const pageSize = 10;

export const getParametersByPath: SsmOperation<'GetParametersByPath'> = async (input, context) => {
  const filters = byPathFilters(input.ParameterFilters);
  const path = checkPath(input.Path);
  const recursive = input.Recursive === true;
  const limit = input.MaxResults ?? pageSize;
  const purpose = JSON.stringify(['GetParametersByPath', path, recursive, filters]);
  const after =
    input.NextToken === undefined
      ? undefined
      : (await decodeToken<{ after: string }>(context, input.NextToken, purpose)).after;
  if (isPublic(`${path}/`)) {
    const { found, next } = await publicUnder(path, recursive, { after, limit }, context);
    return {
      Parameters: await Promise.all(
        found.map((version) => shown(version, input.WithDecryption, 'GetParametersByPath', context)),
      ),
      ...(next === undefined ? {} : { NextToken: await encodeToken(context, next, purpose) }),
    };
  }
  if (/^\/(?:aws|ssm)/i.test(path))
    throw new ValidationException(
      'Filters for common parameters can\'t be prefixed with "aws" or "ssm" (case-insensitive). When using global parameters, please specify within a global namespace.',
    );

  const labels = filters.find(({ key }) => key === 'Label')?.values;
  const { found, next } =
    filters.length === 0
      ? await listParameters(context, path, recursive, { after, limit })
      : await findParameters(context, {
          sources: [namesUnder(context, path, recursive, 100)],
          after,
          limit,
          fits: (item) => meets(item, filters) && (labels === undefined || versionLabelled(item, labels) !== undefined),
        });
  const versions = await Promise.all(found.map(({ body }) => chosen(body, labels)));
  return {
    Parameters: await Promise.all(
      versions
        .filter((version) => version !== undefined)
        .map((version) => shown(version, input.WithDecryption, 'GetParametersByPath', context)),
    ),
    ...(next === undefined ? {} : { NextToken: await encodeToken(context, next, purpose) }),
  };

  async function chosen(item: ParameterItem, names: readonly string[] | undefined): Promise<FoundVersion | undefined> {
    if (names === undefined) return { item };
    const version = await readVersion(context, item, versionLabelled(item, names) ?? 0);
    return version === undefined ? undefined : { item: version };
  }
};

/** The latest version with one of the labels. */
function versionLabelled({ labels }: ParameterItem, names: readonly string[]): number | undefined {
  const versions = names.map((name) => labelled(labels, name)).filter((version) => version !== undefined);
  return versions.length === 0 ? undefined : Math.max(...versions);
}
