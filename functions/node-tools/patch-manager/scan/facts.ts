/** What a scan found on a node: facts without judgement. */

export interface Scan {
  readonly operation: 'Scan';
  /** Empty when none was given. */
  readonly snapshotId: string;
  readonly rebootOption: string;
  readonly installOverrideList: string;
  /** Epoch milliseconds, by the node's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly distribution: Distribution;
  readonly packages: readonly InstalledPackage[];
}

/** From the node's os-release. */
export interface Distribution {
  /** `debian`, `ubuntu`. */
  readonly id: string;
  /** The distributions from which it derives. */
  readonly like: readonly string[];
  /** `12`, `22.04`. */
  readonly version: string;
  readonly codename: string;
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly name: string;
}

export interface InstalledPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly priority: string;
  readonly section: string;
  /** `apt-mark hold`: the administrator wants no change. */
  readonly held: boolean;
  /** Epoch milliseconds; absent where the node's dpkg does not know it. */
  readonly installedAt?: number;
  /** The version that the package manager would choose. */
  readonly candidate?: string;
  /** Every version in the repositories. */
  readonly available: readonly AvailableVersion[];
}

export interface AvailableVersion {
  readonly version: string;
  /** apt's pin: a version below 0 is never installed. */
  readonly pin: number;
  readonly priority: string;
  readonly section: string;
  readonly repositories: readonly Repository[];
}

/** A repository, from its Release file. Members that are missing there are empty. */
export interface Repository {
  readonly origin: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  readonly component: string;
}
