/**
 * Files of `NAME=value` lines, as Node, Docker Compose, dotenv and shells read them. There is no standard; what is
 * written here is what these read alike, and what is read here is what they write.
 */
import { Failed } from '../failed.ts';

/** Nothing in it means anything to any reader. */
const bare = /^[A-Za-z0-9_./:@%+,=-]+$/;
const variableName = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * What an environment variable may be called: `db/host-name` is `db_host_name`. The case stays: a name that is a
 * variable's already comes back as it was.
 */
export function variableOf(name: string): string {
  const variable = name.replace(/[^A-Za-z0-9_]/g, '_');
  return /^[0-9]/.test(variable) ? `_${variable}` : variable;
}

/** @param comments lines to put first */
export function writeDotenv(variables: Iterable<readonly [string, string]>, comments: readonly string[] = []): string {
  return [
    ...comments.map((comment) => `# ${comment}`),
    ...Array.from(variables, ([name, value]) => `${name}=${quoted(value)}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Single quotes mean the same to all; what cannot stand in them is escaped in double ones: a quote, a carriage return
 * (many readers make CR LF a LF first), and a backslash at the end, which some take to escape the quote.
 */
function quoted(value: string): string {
  if (bare.test(value)) return value;
  if (!/['\r]|\\$/.test(value)) return `'${value}'`;
  return `"${value.replace(/[\\"$`]/g, (character) => `\\${character}`).replaceAll('\r', '\\r')}"`;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Values are taken as they stand: `$OTHER` is not replaced.
 * @throws Failed naming the line
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
    // Behind the value its line may end, or a comment follow.
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
