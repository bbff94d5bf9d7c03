/** The order of Debian versions (deb-version(7)): `[epoch:]upstream[-revision]`. */

interface DebVersion {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
}

/**
 * Compares two versions as dpkg does; can be used with `sort`.
 * @returns below 0 when `a` is older, 0 when they are equal (`1.0` and `1.0-0` are), above 0 when it is newer
 */
export function compareDebVersions(a: string, b: string): number {
  const left = split(a);
  const right = split(b);
  return (
    left.epoch - right.epoch || comparePart(left.upstream, right.upstream) || comparePart(left.revision, right.revision)
  );
}

function split(version: string): DebVersion {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  // The upstream version may contain hyphens: the revision follows the last one.
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: colon === -1 ? 0 : Number(version.slice(0, colon)),
    upstream: hyphen === -1 ? rest : rest.slice(0, hyphen),
    revision: hyphen === -1 ? '' : rest.slice(hyphen + 1),
  };
}

/** Compares runs of non-digits and runs of digits alternately, from the left, until one differs. */
function comparePart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = weight(a, i) - weight(b, j);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    while (a[i] === '0') i++;
    while (b[j] === '0') j++;
    const left = digits(a, i);
    const right = digits(b, j);
    // Without leading zeros the longer number is greater. The comparison uses text, so any length works.
    if (left.length !== right.length) return left.length - right.length;
    if (left !== right) return left < right ? -1 : 1;
    i += left.length;
    j += right.length;
  }
  return 0;
}

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
};

/** Order: `~`, the end (and a digit), letters, everything else. */
function weight(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return 0;
  const character = text.charAt(at);
  if (character === '~') return -1;
  return /[A-Za-z]/.test(character) ? text.charCodeAt(at) : text.charCodeAt(at) + 256;
}

function digits(text: string, from: number): string {
  let to = from;
  while (to < text.length && isDigit(text, to)) to++;
  return text.slice(from, to);
}
