/** GetParameterHistory. */
import type { ParameterHistory } from '@aws-sdk/client-ssm';
import type { SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { labelsOf } from './labels.ts';
import { checkedReference, noSuchParameter } from './names.ts';
import { sharedMetadata } from './parameter-metadata.ts';
import { readParameter } from './read-parameter.ts';
import { shownValue } from './secrets.ts';
import { versionKey, type VersionItem } from './store.ts';

interface Position {
  readonly from: number;
  /** A parameter that was deleted and created again has another history. */
  readonly incarnation: string;
}

/** Oldest first. */
export const getParameterHistory: SsmOperation<'GetParameterHistory'> = async (input, context) => {
  const limit = input.MaxResults ?? 50;
  const reference = checkedReference(input.Name, context);
  const position =
    input.NextToken === undefined ? undefined : await decodeToken<Position>(context, input.NextToken, purpose);
  const parameter =
    reference === undefined || reference.selector !== undefined
      ? undefined
      : (await readParameter(context, reference.id))?.body;
  if (parameter === undefined) throw noSuchParameter(input.Name);
  const { incarnation, version: latest, labels } = parameter;
  const from = position === undefined || position.incarnation !== incarnation ? 1 : position.from;
  const { rows, next } =
    from < latest
      ? await context.state.query<VersionItem>({
          pk: versionKey(parameter, from).pk,
          from: versionKey(parameter, latest - 1).sk,
          to: versionKey(parameter, from).sk,
          reverse: true,
          limit,
        })
      : { rows: [], next: undefined };
  const versions = rows.map(({ body }) => body);
  const withLatest = next === undefined && versions.length < limit;
  if (withLatest) versions.push(parameter);
  const more = withLatest ? undefined : { from: (versions.at(-1)?.version ?? from) + 1, incarnation };
  return {
    Parameters: await Promise.all(
      versions.map(async (item): Promise<ParameterHistory> => ({
        ...sharedMetadata(item),
        Value: await shownValue(item, input.WithDecryption, 'GetParameterHistory', context),
        Labels: labelsOf(labels, item.version),
      })),
    ),
    ...(more === undefined ? {} : { NextToken: await encodeToken(context, more satisfies Position, purpose) }),
  };
};

const purpose = 'GetParameterHistory';
