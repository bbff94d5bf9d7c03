/** `files` of runbooks and packages: each attached file and its SHA-256. Pure. */
import type { Content, Path } from '../content.ts';
import { isMapping, mapping } from '../shapes.ts';
import type { Violations } from '../violations.ts';

/** Adds what is wrong with `files`. */
export function checkAttachedFiles(files: unknown, path: Path, faults: Violations): void {
  for (const [name, file] of Object.entries(mapping(files, path, faults) ?? {})) {
    const at = [...path, name];
    const checksums = mapping(mapping(file, at, faults)?.checksums ?? {}, [...at, 'checksums'], faults);
    const sha256 = checksums?.sha256;
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256))
      faults.add([...at, 'checksums', 'sha256'], 'must be a SHA-256 in 64 hexadecimal digits');
  }
}

/** The files that a document declares, by name, with their SHA-256 in lower case. */
export function declaredFiles(content: Content): ReadonlyMap<string, string> {
  if (!isMapping(content.files)) return new Map();
  return new Map(
    Object.entries(content.files).map(([name, file]) => [
      name,
      String((file as { checksums?: { sha256?: unknown } }).checksums?.sha256).toLowerCase(),
    ]),
  );
}
