/** The operations that read baselines. */
import type { PatchBaselineIdentity, PatchFilterGroup } from '@aws-sdk/client-ssm';
import { ValidationException } from '../../../core/errors.ts';
import { filteredPage, withTextPositions, type Candidate, type TextPosition } from '../../../core/filtered-pages.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import type { PatchBaseline, PatchFilter } from './baseline.ts';
import { DoesNotExistException, InvalidResourceId } from './errors.ts';
import { predefinedArn, predefinedBaselines, predefinedDefault } from './predefined-baselines.ts';

/** The creation date of the predefined baselines: the first version that had them. */
const predefinedSince = new Date('2026-01-01T00:00:00Z');

const defaultPage = 100;

/**
 * The baselines in AWS's order: the predefined ones first, by name. Filters: NAME_PREFIX, OWNER (AWS, Self, All),
 * OPERATING_SYSTEM.
 * @throws ValidationException for another filter
 */
export const describePatchBaselines: SsmOperation<'DescribePatchBaselines'> = async (
  { Filters = [], MaxResults = defaultPage, NextToken },
  context,
) => {
  const tests = Filters.map(({ Key = '', Values = [] }) => testOf(Key, Values));
  const { items, nextToken } = await filteredPage(
    context,
    { token: NextToken, limit: MaxResults, purpose: 'DescribePatchBaselines' },
    (position?: TextPosition) => baselinesBehind(position?.after ?? ''),
    (baseline) => (tests.every((test) => test(baseline)) ? baseline : undefined),
  );
  return {
    BaselineIdentities: items.map((baseline): PatchBaselineIdentity => ({
      BaselineId: predefinedArn(context.region, baseline.id),
      BaselineName: baseline.name,
      OperatingSystem: baseline.operatingSystem,
      BaselineDescription: baseline.description,
      DefaultBaseline: predefinedDefault(baseline.operatingSystem) === baseline,
    })),
    NextToken: nextToken,
  };
};

async function* baselinesBehind(after: string): AsyncGenerator<Candidate<PatchBaseline, TextPosition>> {
  const inOrder = [...predefinedBaselines].sort((one, other) => (one.name < other.name ? -1 : 1));
  yield* withTextPositions(
    inOrder.filter(({ name }) => name > after),
    ({ name }) => name,
    0,
  );
}

/**
 * One baseline by its id; as in AWS, a predefined one by its whole ARN.
 * @throws InvalidResourceId when it is no baseline's id, DoesNotExistException
 */
export const getPatchBaseline: SsmOperation<'GetPatchBaseline'> = async ({ BaselineId }, context) => {
  if (!/^(arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:patchbaseline\/)?pb-[0-9a-f]{17}$/.test(BaselineId))
    throw new InvalidResourceId(`${BaselineId} is not the id of a patch baseline.`);
  const baseline = predefinedBaselines.find(({ id }) => predefinedArn(context.region, id) === BaselineId);
  if (baseline === undefined) throw new DoesNotExistException(`Patch baseline ${BaselineId} does not exist.`);
  return {
    BaselineId,
    Name: baseline.name,
    Description: baseline.description,
    OperatingSystem: baseline.operatingSystem,
    GlobalFilters: filterGroup(baseline.globalFilters),
    ApprovalRules: {
      PatchRules: baseline.rules.map((rule) => ({
        PatchFilterGroup: filterGroup(rule.filters),
        ComplianceLevel: rule.complianceLevel,
        ...(rule.approveAfterDays === undefined ? {} : { ApproveAfterDays: rule.approveAfterDays }),
        EnableNonSecurity: rule.enableNonSecurity,
      })),
    },
    ApprovedPatches: [...baseline.approvedPatches],
    ApprovedPatchesComplianceLevel: baseline.approvedPatchesComplianceLevel,
    ApprovedPatchesEnableNonSecurity: baseline.approvedPatchesEnableNonSecurity,
    RejectedPatches: [...baseline.rejectedPatches],
    RejectedPatchesAction: baseline.rejectedPatchesAction,
    PatchGroups: [],
    CreatedDate: predefinedSince,
    ModifiedDate: predefinedSince,
    Sources: [],
  };
};

/** The default of an operating system; as in AWS, Windows when none is named. */
export const getDefaultPatchBaseline: SsmOperation<'GetDefaultPatchBaseline'> = async (
  { OperatingSystem = 'WINDOWS' },
  context,
) => {
  const baseline = predefinedDefault(OperatingSystem);
  if (baseline === undefined)
    throw new ValidationException(`There is no patch baseline for the operating system ${OperatingSystem}.`);
  return { BaselineId: predefinedArn(context.region, baseline.id), OperatingSystem };
};

const filterGroup = (filters: readonly PatchFilter[]): PatchFilterGroup => ({
  PatchFilters: filters.map(({ key, values }) => ({ Key: key, Values: [...values] })),
});

function testOf(key: string, values: readonly string[]): (baseline: PatchBaseline) => boolean {
  switch (key) {
    case 'NAME_PREFIX':
      return ({ name }) => values.some((prefix) => name.startsWith(prefix));
    case 'OWNER':
      return () => values.some((owner) => owner === 'AWS' || owner === 'All');
    case 'OPERATING_SYSTEM':
      return ({ operatingSystem }) => values.includes(operatingSystem);
    default:
      throw new ValidationException(
        `The filter key ${key} is not valid. Valid keys: NAME_PREFIX, OWNER, OPERATING_SYSTEM.`,
      );
  }
}
