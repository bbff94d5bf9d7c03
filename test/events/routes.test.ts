/** The wiring: each route leads to a handler that is there, and each handler is wired once. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { matchesPattern } from '../../core/event-pattern.ts';
import { routes } from '../../events/routes.ts';
import { loadHandler } from '../../local/route-handlers.ts';
import { fileOf, sampleOf, schemaNames, schemaOf } from '../support/events.ts';

const root = path.resolve(import.meta.dirname, '../..');
const eventRoutes = routes.flatMap(({ on, ...route }) => ('detailTypes' in on ? [{ ...route, on }] : []));

test('names are unique, and fit for what is named after them', () => {
  const names = routes.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  // AWS allows 64 characters for a rule's name, of which the app and the stage take some.
  for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]{2,30}$/);
});

test.each(routes)('$name runs a handler that exists', async ({ run }) => {
  expect(await loadHandler(run)).toBeTypeOf('function');
});

test('every handler in the rooms is wired exactly once', () => {
  const handlers = globSync('functions/**/*.ts', { cwd: root })
    .filter((file) =>
      /^export (?:const handler\b|(?:async )?function handler\b)/m.test(readFileSync(path.join(root, file), 'utf8')),
    )
    .map((file) => `${file.replace(/\.ts$/, '')}.handler`);
  expect(routes.map(({ run }) => run as string).sort()).toEqual(handlers.sort());
});

describe.each(eventRoutes)('$name', ({ on }) => {
  test('waits for events that exist', () => {
    expect(on.detailTypes.length).toBeGreaterThan(0);
    for (const detailType of on.detailTypes) expect(schemaNames).toContain(fileOf(detailType));
  });

  test('names only members that such events have, and its pattern is one', () => {
    for (const detailType of on.detailTypes) {
      const { properties } = schemaOf(fileOf(detailType)) as { properties: { detail: { properties: object } } };
      for (const member of Object.keys(on.detail ?? {}))
        expect(Object.keys(properties.detail.properties)).toContain(member);
      expect(matchesPattern(on.detail ?? {}, sampleOf(fileOf(detailType)).detail)).toBeTypeOf('boolean');
    }
  });
});

test('a path that leads nowhere is an error', async () => {
  await expect(loadHandler('functions/clock/no-such.handler')).rejects.toThrow();
  await expect(loadHandler('functions/clock/fire-timer.handler')).rejects.toThrow('not an exported function');
});
