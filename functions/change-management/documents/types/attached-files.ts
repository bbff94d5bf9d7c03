/** `files` of runbooks and packages: the attached files with their SHA-256. Pure. */
import type { Content, Path } from '../content.ts';
import { isMapping, mapping, type Mapping } from '../shapes.ts';
import type { Violations } from '../violations.ts';

/** Adds the faults of `files`. */
export function checkAttachedFiles(files: unknown, path: Path, faults: Violations): void {
  for (const [name, file] of Object.entries(mapping(files, path, faults) ?? {})) {
    const at = [...path, name];
    const checksums = mapping(mapping(file, at, faults)?.checksums ?? {}, [...at, 'checksums'], faults);
    const sums = sha256Of(checksums ?? {});
    if (sums.length === 0 || !sums.every(([, sum]) => typeof sum === 'string' && /^[0-9a-f]{64}$/i.test(sum)))
      faults.add([...at, 'checksums', sums[0]?.[0] ?? 'sha256'], 'must be a SHA-256 in 64 hexadecimal digits');
    else if (new Set(sums.map(([, sum]) => String(sum).toLowerCase())).size > 1)
      faults.add([...at, 'checksums'], 'name two different SHA-256');
  }
}

/** The algorithm's name may have any case: `sha256`, `SHA256`. */
function sha256Of(checksums: Mapping): [name: string, sum: unknown][] {
  return Object.entries(checksums).filter(([name]) => name.toLowerCase() === 'sha256');
}

/** The files that a document declares, by name, each with its SHA-256 in lower case. */
export function declaredFiles(content: Content): ReadonlyMap<string, string> {
  if (!isMapping(content.files)) return new Map();
  return new Map(
    Object.entries(content.files).map(([name, file]) => {
      const { checksums } = file as { readonly checksums?: Mapping };
      return [name, String(sha256Of(checksums ?? {})[0]?.[1]).toLowerCase()];
    }),
  );
}
