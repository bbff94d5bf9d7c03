/** DescribeInstancePatches: the patches that the last operation found on a node. */
import type { PatchComplianceData } from '@aws-sdk/client-ssm';
import { InvalidFilter, InvalidInstanceId } from '../../../core/errors.ts';
import { filteredPage, withTextPositions, type Candidate, type TextPosition } from '../../../core/filtered-pages.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { registeredIds } from '../../nodes/index.ts';
import type { Context } from '../../../core/context.ts';
import type { Patch } from './patch.ts';
import { readPatches } from './store.ts';

/** AWS's page sizes are 10 to 100. */
const defaultPage = 100;

type Test = (patch: Patch) => boolean;

/**
 * A node's patches ordered by id; none before its first operation. Filters: Classification, KBId, Severity, State.
 * Values of one filter are joined by "or", filters by "and".
 * @throws InvalidInstanceId, InvalidFilter, InvalidNextToken
 */
export const describeInstancePatches: SsmOperation<'DescribeInstancePatches'> = async (
  { InstanceId, Filters = [], NextToken, MaxResults = defaultPage },
  context,
) => {
  const tests = Filters.map(({ Key = '', Values = [] }) => testOf(Key, Values));
  if ((await registeredIds(context, [InstanceId])).length === 0)
    throw new InvalidInstanceId(`Instance ${InstanceId} is not a managed node.`);
  const { items, nextToken } = await filteredPage(
    context,
    { token: NextToken, limit: MaxResults, purpose: 'DescribeInstancePatches' },
    (position?: TextPosition) => patchesBehind(context, InstanceId, position?.after),
    (patch) => (tests.every((test) => test(patch)) ? patch : undefined),
  );
  return { Patches: items.map(toApi), NextToken: nextToken };
};

/**
 * All patches of a node are read at once, in their stored order (judge-apt.ts); a package and version has one row. A
 * token names the patch itself, so it stays valid when a newer scan replaces the rows between two pages.
 */
async function* patchesBehind(
  { state }: Context,
  nodeId: string,
  after: string | undefined,
): AsyncGenerator<Candidate<Patch, TextPosition>> {
  const patches = await readPatches(state, nodeId);
  yield* withTextPositions(
    after === undefined ? patches : patches.filter(({ kbId }) => kbId > after),
    ({ kbId }) => kbId,
    0,
  );
}

function testOf(key: string, values: readonly string[]): Test {
  switch (key) {
    case 'Classification':
      return ({ classification }) => values.includes(classification);
    case 'KBId':
      return ({ kbId }) => values.includes(kbId);
    case 'Severity':
      return ({ severity }) => values.includes(severity);
    case 'State': {
      // Accepts the values in use (`InstalledOther`) and the model's (`INSTALLED_OTHER`).
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
