/** Groups: AWS's quota, and what two at once come to. */
import { afterEach, describe, expect, test } from 'vitest';
import { groupOperations } from '../../../../functions/tags/resource-groups/operations.ts';
import { testContext, type TestContext } from '../../../support/context.ts';

let fixture: TestContext;
afterEach(() => fixture.close());

const groups = groupOperations([]);
const ResourceQuery = { Type: 'TAG_FILTERS_1_0' as const, Query: '{"TagFilters":[{"Key":"env"}]}' };
const make = (Name: string) => groups.CreateGroup({ Name, ResourceQuery, Tags: { made: Name } }, fixture.as());

describe('groups', () => {
  test('are as many as AWS allows, where its quotas are asked for', async () => {
    const settings = { awsQuotas: true, endpoint: 'http://h', nodeEndpoint: 'https://h', filesEndpoint: 'http://h' };
    fixture = testContext({ settings });
    for (let number = 0; number < 100; number++) await make(`group-${number}`);
    await expect(make('one-more')).rejects.toMatchObject({ code: 'BadRequestException' });
    await groups.DeleteGroup({ Group: 'group-7' }, fixture.as());
    await make('one-more');
  });

  test('of one name, made at once, are one; its deletion meets changes of its tags without leaving any', async () => {
    fixture = testContext();
    const made = await Promise.allSettled(Array.from({ length: 5 }, () => make('one')));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const Arn = 'arn:aws:resource-groups:us-east-1:123456789012:group/one';
    const turmoil = await Promise.allSettled([
      ...Array.from({ length: 5 }, (_, number) => groups.Tag({ Arn, Tags: { [`key${number}`]: 'x' } }, fixture.as())),
      groups.UpdateGroup({ Group: 'one', Description: 'other' }, fixture.as()),
      groups.DeleteGroup({ Group: 'one' }, fixture.as()),
      groups.Untag({ Arn, Keys: ['made'] }, fixture.as()),
    ]);
    for (const outcome of turmoil)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'NotFoundException' });
    await expect(groups.GetGroup({ Group: 'one' }, fixture.as())).rejects.toMatchObject({ code: 'NotFoundException' });
    await groups.CreateGroup({ Name: 'one', ResourceQuery }, fixture.as());
    expect((await groups.GetTags({ Arn }, fixture.as())).Tags).toEqual({});
    for (const key of ['made', 'key0', 'key4'])
      expect(
        (
          await groups.SearchResources(
            { ResourceQuery: { ...ResourceQuery, Query: JSON.stringify({ TagFilters: [{ Key: key }] }) } },
            fixture.as(),
          )
        ).ResourceIdentifiers,
      ).toEqual([]);
  });

  test('change one after the other, however many change them', async () => {
    fixture = testContext();
    await make('one');
    await Promise.all([
      groups.UpdateGroup({ Group: 'one', Description: 'D' }, fixture.as()),
      groups.UpdateGroup({ Group: 'one', Owner: 'O' }, fixture.as()),
      groups.UpdateGroup({ Group: 'one', DisplayName: 'N', Criticality: 3 }, fixture.as()),
    ]);
    expect((await groups.GetGroup({ Group: 'one' }, fixture.as())).Group).toMatchObject({
      Description: 'D',
      Owner: 'O',
      DisplayName: 'N',
      Criticality: 3,
    });
  });
});
