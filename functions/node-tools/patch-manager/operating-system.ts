/** A node's operating system in the API's form, and its name in a baseline's PRODUCT filter. */
import type { OperatingSystem } from '@aws-sdk/client-ssm';
import type { Distribution } from './scan/facts.ts';

export interface Product {
  readonly operatingSystem: OperatingSystem;
  /** `Debian12`, `Ubuntu22.04`. */
  readonly name: string;
}

/** Keyed by os-release's ID. */
const known: Readonly<Record<string, { readonly operatingSystem: OperatingSystem; readonly product: string }>> = {
  debian: { operatingSystem: 'DEBIAN', product: 'Debian' },
  ubuntu: { operatingSystem: 'UBUNTU', product: 'Ubuntu' },
  raspbian: { operatingSystem: 'RASPBIAN', product: 'Raspbian' },
};

/**
 * An unknown distribution counts as the one from which it derives, with its own version: Linux Mint as Ubuntu.
 * `undefined` when neither is known.
 */
export function productOf(distribution: Distribution): Product | undefined {
  for (const id of [distribution.id, ...distribution.like]) {
    const found = Object.hasOwn(known, id) ? known[id] : undefined;
    if (found !== undefined)
      return { operatingSystem: found.operatingSystem, name: `${found.product}${distribution.version}` };
  }
  return undefined;
}
