/** A document's text and what it says: JSON and YAML, either way. Pure. */
import { createHash } from 'node:crypto';
import {
  Lexer,
  LineCounter,
  parseDocument,
  stringify,
  YAMLError,
  type Document,
  type DocumentOptions,
  type ParsedNode,
  type ParseOptions,
  type SchemaOptions,
} from 'yaml';
import { indentQuotedTexts } from './quoted-texts.ts';

export type DocumentFormat = 'JSON' | 'YAML' | 'TEXT';

/** A place in a document: `['mainSteps', 0, 'inputs']`. */
export type Path = readonly (string | number)[];

/** A parsed document. What it holds has not been checked. */
export type Content = Readonly<Record<string, unknown>>;

/** The text is not JSON or YAML, or not one mapping. The message says where. */
export class UnreadableText extends Error {
  override readonly name = 'UnreadableText';
}

/** Deeper than any document of AWS's; keeps what walks a document off the end of the stack. */
const deepest = 64;

/** Anchors let a small text stand for a huge one: so many uses and no more. */
const mostAliases = 100;

/** What a text says, whatever that is; of TEXT, the text. @throws UnreadableText */
export function parseValue(text: string, format: DocumentFormat): unknown {
  if (format === 'TEXT') return text;
  const value = format === 'JSON' ? parseJson(text) : parseYaml(text);
  checkDepth(value);
  return value;
}

/** What a text says that must be a mapping of names to values. @throws UnreadableText */
export function parseContent(text: string, format: DocumentFormat): Content {
  const content = parseValue(text, format);
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new UnreadableText('The document is not a mapping of names to values.');
  // Written without quotes it is a number in YAML; agents read it as text only.
  const { schemaVersion } = content as { schemaVersion?: unknown };
  if (typeof schemaVersion !== 'number') return content as Content;
  return { ...content, schemaVersion: schemaVersionText(schemaVersion) };
}

/**
 * The text of a document in another format; in its own, as it is.
 * @param text one that has been parsed before
 */
export function convertContent(text: string, from: DocumentFormat, to: Exclude<DocumentFormat, 'TEXT'>): string {
  if (from === to) return text;
  const value = parseValue(text, from);
  const content = isMapping(value) ? parseContent(text, from) : value;
  return to === 'JSON' ? JSON.stringify(content, null, 2) : formatYaml(content);
}

/** YAML that readers of YAML 1.1 and 1.2 take the same way: `'yes'` is quoted. */
export function formatYaml(content: unknown): string {
  return stringify(content, { lineWidth: 0, compat: 'yaml-1.1', aliasDuplicateObjects: false });
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The hash of a document's text: lower-case hexadecimal SHA-256. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The line, from 1, on which the nearest part of the path that is there begins; for error texts. */
export function lineOf(text: string, path: Path): number | undefined {
  const lines = new LineCounter();
  const document = parseLeniently(text, { lineCounter: lines, uniqueKeys: false, keepSourceTokens: false });
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as ParsedNode | undefined;
    if (node?.range) return lines.linePos(keyOffset(document, path.slice(0, length)) ?? node.range[0]).line;
  }
  return undefined;
}

/** Where the key of a mapping's entry stands, which is where a reader looks. */
function keyOffset(document: Document.Parsed, path: Path): number | undefined {
  const holder: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const items = (holder as { items?: readonly { key?: { value?: unknown; range?: readonly number[] } }[] } | null)
    ?.items;
  return items?.find((item) => item.key?.value === path.at(-1))?.key?.range?.[0];
}

type YamlOptions = ParseOptions & DocumentOptions & SchemaOptions;

/** Other parsers take quoted texts at any indentation; only where this one does not is the text read once more. */
function parseLeniently(text: string, options: YamlOptions): Document.Parsed {
  const document = parseDocument(text, options);
  if (!document.errors.some(({ code }) => code === 'MISSING_CHAR')) return document;
  const indented = indentQuotedTexts(text);
  if (indented === text) return document;
  if (options.lineCounter !== undefined) options.lineCounter.lineStarts.length = 0;
  const second = parseDocument(indented, options);
  // Where that does not help, the first faults are nearer to what is wrong.
  return second.errors.length === 0 ? second : document;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UnreadableText(`The document is not JSON: ${(error as Error).message}`);
  }
}

function parseYaml(text: string): unknown {
  checkFlowDepth(text);
  try {
    const document = parseLeniently(text, { version: '1.2', merge: true, prettyErrors: true });
    const [problem] = document.errors;
    if (problem !== undefined) throw problem;
    return document.toJS({ maxAliasCount: mostAliases }) as unknown;
  } catch (error) {
    if (error instanceof YAMLError) {
      const at = error.linePos?.[0];
      throw new UnreadableText(
        `The document is not YAML${at === undefined ? '' : `: line ${at.line}, column ${at.col}`}: ${firstLine(error.message)}`,
      );
    }
    throw new UnreadableText(`The document is not YAML: ${firstLine((error as Error).message)}`);
  }
}

/** The parser's message goes on with a drawing of the place. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '');
}

/** Walks by hand: what is too deep to walk by recursion is what it looks for. */
function checkDepth(content: unknown): void {
  let level: unknown[] = [content];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) throw tooDeep();
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [],
    );
  }
}

/** Before it is parsed: the parser's time grows with the square of the depth of brackets. */
function checkFlowDepth(text: string): void {
  let depth = 0;
  let before = '';
  for (const piece of new Lexer().lex(text)) {
    if (before !== '\x1f' && (piece === '[' || piece === '{')) depth++;
    else if (piece === ']' || piece === '}') depth--;
    if (depth > deepest) throw tooDeep();
    before = piece;
  }
}

function tooDeep(): UnreadableText {
  return new UnreadableText(`The document is nested deeper than ${deepest} levels.`);
}

function schemaVersionText(version: number): string {
  return Number.isInteger(version) ? version.toFixed(1) : String(version);
}
