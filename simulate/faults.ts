/** Faults that are simulated, and how often. Pure, except for random numbers. */

export interface Faults {
  /** The most milliseconds by which a reply is late. */
  readonly late: number;
  /**
   * Share of replies, 0–1, that are lost because the node's connection breaks; they are sent again over the next one.
   */
  readonly lost: number;
  /** Share of replies that are sent twice. */
  readonly doubled: number;
  /** Share of commands that fail on their node. */
  readonly failing: number;
}

export const noFaults: Faults = { late: 0, lost: 0, doubled: 0, failing: 0 };

/** What happens to one command on one node. */
export interface Fate {
  /** Milliseconds. */
  readonly delay: number;
  readonly lost: boolean;
  readonly doubled: boolean;
  readonly failed: boolean;
}

/**
 * @param duration milliseconds that a command takes
 * @param random 0 ≤ n < 1
 */
export function fateOf(faults: Faults, duration: number, random: () => number): Fate {
  return {
    delay: duration + faults.late * random(),
    lost: random() < faults.lost,
    doubled: random() < faults.doubled,
    failed: random() < faults.failing,
  };
}

/** Parses a share: `0.1` or `10%`. @returns undefined where the text is none */
export function shareOf(text: string): number | undefined {
  const share = /^\d+(\.\d+)?%$/.test(text)
    ? Number(text.slice(0, -1)) / 100
    : /^\d*\.?\d+$/.test(text)
      ? Number(text)
      : NaN;
  return share >= 0 && share <= 1 ? share : undefined;
}
