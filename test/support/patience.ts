/**
 * Set up before each test file: what polls for a condition does not give up on a slow machine. vi.waitFor gives up
 * after a second unless it is told otherwise; a test's own time-out is what ends one that hangs.
 */
import { vi } from 'vitest';

/** Milliseconds. */
export const patience = 120_000;

const waitFor = vi.waitFor.bind(vi);
vi.waitFor = (callback, options) =>
  waitFor(callback, { ...(typeof options === 'number' ? {} : options), timeout: patience });
