import { defineConfig } from 'vitest/config';
import { SaySkipped } from './test/support/say-skipped.ts';

/**
 * unit: rules and single modules. promises: a real server, real clients, a clock that the test moves.
 * The slow suites are projects of their own and run by their own scripts (package.json).
 */

/** Milliseconds. Limits end what hangs; no test may fail because a machine is slow. */
const patient = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 120_000 } },
  setupFiles: ['test/support/patience.ts'],
};
const slow = { ...patient, fileParallelism: false };

export default defineConfig({
  test: {
    pool: 'forks',
    reporters: ['default', new SaySkipped()],
    // Two cores: a server, its agent and the test share them.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{core,aws,local,functions,agent,cli,simulate,events,lint,scripts}/**/*.test.ts'],
          ...patient,
        },
      },
      {
        test: {
          name: 'promises',
          include: ['test/promises/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          ...patient,
        },
      },
      { test: { name: 'clients', include: ['test/clients/**/*.test.ts'], ...slow } },
      { test: { name: 'faults', include: ['test/faults/**/*.test.ts'], ...slow } },
      { test: { name: 'stacks', include: ['test/stacks/**/*.test.ts'], ...slow } },
    ],
  },
});
