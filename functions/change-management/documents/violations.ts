/** Collects the faults of a document with their positions. Pure. */
import { lineOf, type Path } from './content.ts';

export interface Violation {
  readonly path: Path;
  readonly problem: string;
  /** Where the path does not give it: for texts that are no mappings. */
  readonly line?: number;
}

/** Collects faults. A rule continues after the first fault, so that a writer sees all at once. */
export class Violations {
  readonly #found: Violation[] = [];

  add(path: Path, problem: string): void {
    this.#found.push({ path, problem });
  }

  addAtLine(line: number, problem: string): void {
    this.#found.push({ path: [], problem, line });
  }

  get found(): readonly Violation[] {
    return this.#found;
  }
}

/** The most faults in one message. */
const most = 5;

/** `mainSteps[0].inputs.runCommand (line 7): is missing; …` */
export function explain(violations: readonly Violation[], text: string): string {
  const parts = violations.slice(0, most).map(({ path, problem, line: given }) => {
    if (given !== undefined) return `Line ${given}: ${problem}`;
    const line = lineOf(text, path);
    return `${pathText(path)}${line === undefined ? '' : ` (line ${line})`}: ${problem}`;
  });
  const more = violations.length - parts.length;
  return parts.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function pathText(path: Path): string {
  if (path.length === 0) return 'The document';
  return path.reduce<string>(
    (so, part) => (typeof part === 'number' ? `${so}[${part}]` : so === '' ? part : `${so}.${part}`),
    '',
  );
}
