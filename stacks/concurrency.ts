/**
 * How many of each function may run at once. The API answers everybody, also unsigned requests, so a flood of them
 * could use all executions. Concurrency that is reserved for other functions is safe from the API, and the API's own
 * reservation is also its limit.
 */

/** For an account with AWS's default quota: 1,000, of which 100 must stay unreserved. */
const defaultReserved = 400;

/** The share of each function that must always be able to run, or must be limited. */
const shares: Readonly<Record<string, number>> = { api: 0.6, 'fire-timers': 0.2, 'publish-changes': 0.15, tick: 0.05 };

/**
 * The executions that are reserved for a function, if any. `FLOTILLA_RESERVED_CONCURRENCY` sets how many are reserved
 * in total; with 0, for accounts with a small quota, none are.
 * @throws when the setting is no whole number
 */
export function reservedFor(name: string): number | undefined {
  const setting = process.env.FLOTILLA_RESERVED_CONCURRENCY || String(defaultReserved);
  if (!/^\d{1,6}$/.test(setting))
    throw new Error(`FLOTILLA_RESERVED_CONCURRENCY must be a whole number, 0 for none: ${setting}`);
  const share = shares[name];
  return share === undefined || setting === '0' ? undefined : Math.max(1, Math.floor(share * Number(setting)));
}

/** The part of a function's arguments that reserves it. */
export function concurrencyOf(name: string): Pick<sst.aws.FunctionArgs, 'concurrency'> {
  const reserved = reservedFor(name);
  return reserved === undefined ? {} : { concurrency: { reserved } };
}
