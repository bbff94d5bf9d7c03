import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { associationStatusOf } from '../../../../functions/node-tools/fleet-manager/node-attributes.ts';
import {
  compare,
  satisfies,
  passes,
  searchFor,
  type NodeFilter,
} from '../../../../functions/node-tools/fleet-manager/node-filter.ts';

const place = { account: '123456789012', region: 'us-east-1' };

describe('operators', () => {
  test.each([
    ['Equal', ['a', 'b'], 'b', true],
    ['Equal', ['a'], 'A', false],
    ['Equal', ['a'], undefined, false],
    ['NotEqual', ['a', 'b'], 'b', false],
    ['NotEqual', ['a', 'b'], 'c', true],
    ['NotEqual', ['a'], undefined, true],
    ['BeginWith', ['web-', 'db-'], 'db-1', true],
    ['BeginWith', ['web-'], 'my-web-1', false],
    ['BeginWith', [''], undefined, false],
    ['LessThan', ['3.10.0'], '3.9.9', true],
    ['LessThan', ['3.10.0'], '3.10.0.0', false],
    ['GreaterThan', ['3.9'], '3.10', true],
    ['GreaterThan', ['3.9', '4.0'], '3.10', true],
    ['GreaterThan', ['b'], 'a', false],
    ['LessThan', ['b'], 'a', true],
  ] as const)('%s %j of %s: %s', (operator, values, value, expected) =>
    expect(satisfies(operator, values, value)).toBe(expected),
  );

  test('versions are in one order', () => {
    const version = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(version, version, version, (one, other, third) => {
        expect(Math.sign(compare(one, other))).toBe(-Math.sign(compare(other, one)) + 0);
        if (compare(one, other) <= 0 && compare(other, third) <= 0) expect(compare(one, third)).toBeLessThanOrEqual(0);
        expect(compare(`${one}.0`, one)).toBe(0);
      }),
    );
  });
});

describe('what is looked for', () => {
  test('by index where there is one', () => {
    const filters: NodeFilter[] = [
      { attribute: 'agentVersion', operator: 'Equal', values: ['1.0'] },
      { attribute: 'agentVersion', operator: 'NotEqual', values: ['2.0'] },
      { attribute: 'id', operator: 'Equal', values: ['mi-1'] },
      { attribute: 'pingStatus', operator: 'Equal', values: ['Online'] },
      { attribute: 'region', operator: 'BeginWith', values: ['us-'] },
      { tag: 'env', values: ['prod'] },
      { tag: undefined, values: ['team'] },
    ];
    expect(searchFor(filters, place)).toEqual({
      criteria: [
        { by: 'attribute', attribute: 'agentVersion', values: ['1.0'] },
        { by: 'id', ids: ['mi-1'] },
        { by: 'tag', key: 'env', values: ['prod'] },
        { by: 'tag-key', keys: ['team'] },
      ],
      filters: [
        { attribute: 'agentVersion', operator: 'NotEqual', values: ['2.0'] },
        { attribute: 'pingStatus', operator: 'Equal', values: ['Online'] },
      ],
    });
  });

  test.each([
    ['resourceType', 'Equal', ['EC2Instance'], false],
    ['resourceType', 'NotEqual', ['EC2Instance'], true],
    ['region', 'Equal', ['us-east-1'], true],
    ['account', 'BeginWith', ['9'], false],
    ['organizationalUnitId', 'Equal', ['ou-1'], false],
    ['organizationalUnitId', 'NotEqual', ['ou-1'], true],
    ['managedStatus', 'Equal', ['Unmanaged'], false],
  ] as const)('%s %s %j is settled for all nodes: %s', (attribute, operator, values, expected) => {
    expect(searchFor([{ attribute, operator, values }], place)).toEqual(
      expected ? { criteria: [], filters: [] } : undefined,
    );
  });

  test('every filter must let a node through', () => {
    const node = { platformName: 'Debian', platformVersion: '12' };
    const name = { attribute: 'platformName', operator: 'Equal', values: ['Debian'] } as const;
    expect([passes(node, []), passes(node, [name]), passes(node, [name, { ...name, operator: 'NotEqual' }])]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

test.each([
  [{}, undefined],
  [{ Success: 0, Failed: 0 }, undefined],
  [{ Success: 2, Skipped: 1 }, 'Success'],
  [{ Skipped: 1 }, 'Success'],
  [{ Success: 2, InProgress: 1 }, 'Pending'],
  [{ Success: 2, Pending: 1, TimedOut: 1 }, 'Failed'],
] as const)('associations %j are %s', (counts, status) => expect(associationStatusOf(counts)).toBe(status));
