/** Every event that leaves a room has a schema and a golden sample, and its emitter keeps to them. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { detailTypes } from '../../core/events.ts';
import {
  expectValidEvent,
  fileOf,
  sampleNames,
  sampleOf,
  schemaNames,
  schemaOf,
  violationsOf,
} from '../support/events.ts';

const root = path.resolve(import.meta.dirname, '../..');

const sources = globSync('functions/**/*.ts', { cwd: root }).map((file) => ({
  file,
  text: readFileSync(path.join(root, file), 'utf8'),
}));

test('each event of the contract is emitted or taken by a room', () => {
  for (const name of detailTypes)
    expect(
      sources.some(({ text }) => text.includes(`'${name}'`)),
      name,
    ).toBe(true);
});

test('rooms build events in one way', () => {
  const byHand = sources.filter(({ text }) => /\bdetailType: '/.test(text)).map(({ file }) => file);
  expect(byHand).toEqual([]);
});

test('there is a schema and a sample of each event of the contract, and none besides', () => {
  const wanted = detailTypes.map(fileOf).sort();
  expect([...schemaNames].sort()).toEqual(wanted);
  expect([...sampleNames].sort()).toEqual(wanted);
});

describe.each(schemaNames)('%s', (name) => {
  test('is named after its detail-type, and its sample keeps to it', () => {
    const schema = schemaOf(name) as { title: string; properties: { 'detail-type': { const: string } } };
    expect(fileOf(schema.title)).toBe(name);
    expect(schema.properties['detail-type'].const).toBe(schema.title);
    expect(sampleOf(name)['detail-type']).toBe(schema.title);
    expectValidEvent(sampleOf(name));
  });

  test('refuses a detail with a member too few or too many, and another envelope', () => {
    const sample = sampleOf(name);
    const [required = ''] = (schemaOf(name) as { properties: { detail: { required: string[] } } }).properties.detail
      .required;
    const { [required]: _gone, ...fewer } = sample.detail as Record<string, unknown>;
    const broken = {
      missing: { ...sample, detail: fewer },
      surprise: { ...sample, detail: { ...sample.detail, surprise: 1 } },
      source: { ...sample, source: 'aws.ec2' },
      time: { ...sample, time: '2026-01-05T09:00:05.000Z' },
    };
    expect(violationsOf(broken.missing)).toContainEqual(expect.stringContaining(required));
    expect(violationsOf(broken.surprise)).toContainEqual(expect.stringContaining('surprise'));
    expect(violationsOf(broken.source)).toContainEqual(expect.stringContaining('/source'));
    expect(violationsOf(broken.time)).toContainEqual(expect.stringContaining('/time'));
  });
});

test('an event without a schema is a violation', () => {
  expect(violationsOf({ id: 'x', detailType: 'Nobody’s Event', time: 0, resources: [], detail: {} })).toEqual([
    'Nobody’s Event has no schema in events/schemas',
  ]);
});
