/**
 * Files of `NAME=value` lines, as Node, Docker Compose, dotenv and shells read them. There is no standard: we write
 * only what all of these read the same way, and read what they write.
 */
import { Failed } from '../failed.ts';

/** Characters that have no special meaning to any reader. */
const bare = /^[A-Za-z0-9_./:@%+,=-]+$/;
const variableName = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * The environment variable for a parameter: `db/host-name` becomes `db_host_name`. The case stays. A name that is a
 * valid variable already stays unchanged.
 */
export function variableOf(name: string): string {
  const variable = name.replace(/[^A-Za-z0-9_]/g, '_');
  return /^[0-9]/.test(variable) ? `_${variable}` : variable;
}

/** @param comments lines that come first */
export function writeDotenv(variables: Iterable<readonly [string, string]>, comments: readonly string[] = []): string {
  return [
    ...comments.map((comment) => `# ${comment}`),
    ...Array.from(variables, ([name, value]) => `${name}=${quoted(value)}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Single quotes mean the same to all readers. What single quotes cannot hold is escaped in double quotes: a quote, a
 * carriage return (many readers convert CR LF to LF first), and a backslash at the end, which some readers take as an
 * escape of the quote.
 */
function quoted(value: string): string {
  if (bare.test(value)) return value;
  if (!/['\r]|\\$/.test(value)) return `'${value}'`;
  return `"${value.replace(/[\\"$`]/g, (character) => `\\${character}`).replaceAll('\r', '\\r')}"`;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Parses a file. Values are taken literally: `$OTHER` is not replaced.
 * @throws Failed with the line
 */
export function readDotenv(source: string): Map<string, string> {
  const found = new Map<string, string>();
  let line = 1;
  for (let at = 0; at < source.length;) {
    const rest = source.slice(at, endOfLine(source, at));
    const assignment = /^[ \t]*(?:export[ \t]+)?([^\s=#'"]+)[ \t]*=[ \t]*/.exec(rest);
    let next = at + rest.length;
    if (assignment?.[1] !== undefined) {
      const [head, name] = assignment;
      if (!variableName.test(name)) throw new Failed(`line ${line}: ${name} is no variable's name`, 2);
      if (found.has(name)) throw new Failed(`line ${line}: ${name} was set before`, 2);
      const value = readValue(source, at + head.length, line);
      found.set(name, value.value);
      next = value.end;
    } else if (!/^\s*(#[^\n]*)?$/.test(rest)) throw new Failed(`line ${line} is no NAME=value`, 2);
    // After the value the line may end, or a comment may follow.
    const end = endOfLine(source, next);
    line += source.slice(at, end + 1).split('\n').length - 1;
    at = end + 1;
  }
  return found;
}

function readValue(source: string, start: number, line: number): { readonly value: string; readonly end: number } {
  const quote = source[start];
  if (quote !== "'" && quote !== '"' && quote !== '`') {
    const end = endOfLine(source, start);
    return {
      value: source
        .slice(start, end)
        .replace(/(^|[ \t])#[^\n]*$/, '')
        .trim(),
      end,
    };
  }
  let value = '';
  for (let at = start + 1; at < source.length; at++) {
    const character = source[at] ?? '';
    if (character === quote) {
      const behind = source.slice(at + 1, endOfLine(source, at + 1));
      if (!/^\s*(#[^\n]*)?$/.test(behind)) throw new Failed(`line ${line}: there is more behind the closing quote`, 2);
      return { value, end: at + 1 };
    }
    if (quote === '"' && character === '\\' && at + 1 < source.length) {
      const escaped = source[++at] ?? '';
      value += escapes[escaped] ?? (/[\\"$`]/.test(escaped) ? escaped : `\\${escaped}`);
    } else value += character;
  }
  throw new Failed(`line ${line}: the quote is not closed`, 2);
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end === -1 ? source.length : end;
}
