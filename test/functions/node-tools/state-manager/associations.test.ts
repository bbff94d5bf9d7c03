/** What CreateAssociation is refused for; the list. */
import { beforeEach, describe, expect, test } from 'vitest';
import { call, create, everyNode, nodeName, refusal, register } from './state-manager-fixture.ts';

describe('what is refused', () => {
  beforeEach(() => register(1));
  const base = { Name: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, Targets: everyNode };
  test.each<[string, object, string]>([
    ['no such document', { Name: 'Nothing' }, 'InvalidDocument'],
    ['no such version', { DocumentVersion: '7' }, 'InvalidDocumentVersion'],
    ['a parameter missing', { Parameters: {} }, 'InvalidParameters'],
    ['a schedule that is none', { ScheduleExpression: 'often' }, 'InvalidSchedule'],
    ['no targets', { Targets: [] }, 'InvalidTarget'],
    ['a target key that is none', { Targets: [{ Key: 'colour', Values: ['red'] }] }, 'InvalidTarget'],
    ['targets and a node', { InstanceId: nodeName(1) }, 'InvalidTarget'],
    ['what is no id', { Targets: [{ Key: 'InstanceIds', Values: ['web-1'] }] }, 'InvalidInstanceId'],
    ['TargetMaps', { TargetMaps: [{ a: ['b'] }] }, 'InvalidTargetMaps'],
    ['calendars', { CalendarNames: ['a'] }, 'ValidationException'],
    [
      'a bucket that is none',
      { OutputLocation: { S3Location: { OutputS3BucketName: 'No Bucket' } } },
      'InvalidOutputLocation',
    ],
    [
      'the old form with a schedule',
      { Targets: undefined, InstanceId: nodeName(1), ScheduleExpression: 'rate(1 hour)' },
      'InvalidParameters',
    ],
    [
      'the old form with a new document',
      {
        Name: 'AWS-RunDocument',
        Parameters: { sourceType: ['S3'], sourceInfo: ['{}'] },
        Targets: undefined,
        InstanceId: nodeName(1),
      },
      'InvalidParameters',
    ],
    ['the old form with no such node', { Targets: undefined, InstanceId: nodeName(9) }, 'InvalidInstanceId'],
  ])('%s', async (_name, more, code) => {
    await expect(call('CreateAssociation', { ...base, ...more })).rejects.toThrow(refusal(code));
  });

  test('a document that cannot run on the one node that is named', async () => {
    const windows = await register(2, {}, 'Windows');
    await expect(
      call('CreateAssociation', { ...base, Targets: [{ Key: 'InstanceIds', Values: [windows] }] }),
    ).rejects.toThrow(refusal('UnsupportedPlatformType'));
  });

  test('the old form: one a document and node, found and deleted by both', async () => {
    const old = { Name: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, InstanceId: nodeName(1) };
    await call('CreateAssociation', old);
    await expect(call('CreateAssociation', old)).rejects.toThrow(refusal('AssociationAlreadyExists'));
    expect(
      (await call('DescribeAssociation', { Name: old.Name, InstanceId: old.InstanceId })).AssociationDescription,
    ).toMatchObject({ InstanceId: old.InstanceId });
    await call('DeleteAssociation', { Name: old.Name, InstanceId: old.InstanceId });
    await call('CreateAssociation', old);
  });
});

test('the list, its filters and pages', async () => {
  const node = await register(1, { env: 'prod' });
  const ids = [
    await create({ AssociationName: 'one' }),
    await create({ Targets: [{ Key: 'tag:env', Values: ['test'] }] }),
    await create({ Name: 'AWS-GatherSoftwareInventory', Parameters: {} }),
  ].sort();
  const found = async (key: string, value: string) =>
    (await call('ListAssociations', { AssociationFilterList: [{ key, value }] })).Associations!.map(
      ({ AssociationId }) => AssociationId,
    );
  const names = async (input: object) =>
    (await call('ListAssociations', input)).Associations!.map(({ AssociationId }) => AssociationId);
  expect(await names({})).toEqual(ids);
  expect(await found('AssociationName', 'one')).toHaveLength(1);
  expect(await found('Name', 'AWS-GatherSoftwareInventory')).toHaveLength(1);
  expect(await found('InstanceId', node)).toHaveLength(2);
  expect(await found('AssociationId', ids[1]!)).toEqual([ids[1]]);
  expect(await found('AssociationStatusName', 'Success')).toEqual([]);
  expect(await found('LastExecutedBefore', '2026-01-05T09:00:00Z')).toEqual([]);
  expect(await found('LastExecutedAfter', '2026-01-05T08:59:59Z')).toHaveLength(3);
  await expect(found('Colour', 'red')).rejects.toThrow(refusal('InvalidFilterKey'));
  const first = await call('ListAssociations', { MaxResults: 2 });
  expect(await names({ MaxResults: 2, NextToken: first.NextToken })).toEqual(ids.slice(2));
});
