/** DescribeInstancePatches: what the last operation found, patch by patch. */
import type { PatchComplianceData } from '@aws-sdk/client-ssm';
import { InvalidFilter, InvalidInstanceId } from '../../../core/errors.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { registeredIds } from '../../nodes/index.ts';
import type { Patch } from './patch.ts';
import { readPatches } from './store.ts';

/** AWS's page sizes are 10 to 100. */
const defaultPage = 100;

type Test = (patch: Patch) => boolean;

/**
 * A node's patches in the order of their ids; none before its first operation. Filters: Classification, KBId,
 * Severity, State; values of one joined by or, filters by and.
 * @throws InvalidInstanceId, InvalidFilter, InvalidNextToken
 */
export const describeInstancePatches: SsmOperation<'DescribeInstancePatches'> = async (
  { InstanceId, Filters = [], NextToken, MaxResults = defaultPage },
  context,
) => {
  const tests = Filters.map(({ Key = '', Values = [] }) => testOf(Key, Values));
  const after =
    NextToken === undefined
      ? undefined
      : (await decodeToken<{ after: string }>(context, NextToken, 'DescribeInstancePatches')).after;
  if ((await registeredIds(context, [InstanceId])).length === 0)
    throw new InvalidInstanceId(`Instance ${InstanceId} is not a managed node.`);

  const patches = (await readPatches(context.state, InstanceId)).filter(
    (patch) => (after === undefined || placeOf(patch) > after) && tests.every((test) => test(patch)),
  );
  const page = patches.slice(0, MaxResults);
  const last = page.at(-1);
  return {
    Patches: page.map(toApi),
    // By the last row's place: it stays good when a newer scan replaces the rows between two pages.
    ...(patches.length > page.length && last !== undefined
      ? { NextToken: await encodeToken(context, { after: placeOf(last) }, 'DescribeInstancePatches') }
      : {}),
  };
};

/** The rows are kept in this order (judge-apt.ts); no package has two rows of one version. */
const placeOf = ({ kbId }: Patch): string => kbId;

function testOf(key: string, values: readonly string[]): Test {
  switch (key) {
    case 'Classification':
      return ({ classification }) => values.includes(classification);
    case 'KBId':
      return ({ kbId }) => values.includes(kbId);
    case 'Severity':
      return ({ severity }) => values.includes(severity);
    case 'State': {
      // Both the values in use (`InstalledOther`) and the model's (`INSTALLED_OTHER`) are understood.
      const states = values.map((value) => value.replaceAll('_', '').toLowerCase());
      return ({ state }) => states.includes(state.toLowerCase());
    }
    default:
      throw new InvalidFilter(`The filter key ${key} is not valid. Valid keys: Classification, KBId, Severity, State.`);
  }
}

function toApi(patch: Patch): PatchComplianceData {
  return {
    Title: patch.title,
    KBId: patch.kbId,
    Classification: patch.classification,
    Severity: patch.severity,
    // The client's type has the model's spelling; see patch.ts.
    State: patch.state as unknown as PatchComplianceData['State'],
    InstalledTime: new Date(patch.installedAt),
  };
}
