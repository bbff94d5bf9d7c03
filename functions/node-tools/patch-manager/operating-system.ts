/** Which of the API's operating systems a node runs, and what a baseline's PRODUCT filter calls it. */
import type { OperatingSystem } from '@aws-sdk/client-ssm';
import type { Distribution } from './scan/facts.ts';

export interface Product {
  readonly operatingSystem: OperatingSystem;
  /** `Debian12`, `Ubuntu22.04`. */
  readonly name: string;
}

/** By os-release's ID. */
const known: Readonly<Record<string, { readonly operatingSystem: OperatingSystem; readonly product: string }>> = {
  debian: { operatingSystem: 'DEBIAN', product: 'Debian' },
  ubuntu: { operatingSystem: 'UBUNTU', product: 'Ubuntu' },
  raspbian: { operatingSystem: 'RASPBIAN', product: 'Raspbian' },
};

/**
 * A distribution that is not known by itself counts as the one it derives from, under its own version: Linux
 * Mint as Ubuntu. `undefined` when neither is known.
 */
export function productOf(distribution: Distribution): Product | undefined {
  for (const id of [distribution.id, ...distribution.like]) {
    const found = Object.hasOwn(known, id) ? known[id] : undefined;
    if (found !== undefined)
      return { operatingSystem: found.operatingSystem, name: `${found.product}${distribution.version}` };
  }
  return undefined;
}
