/** Parses and writes documents as JSON and YAML. Pure. */
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

/** A position in a document: `['mainSteps', 0, 'inputs']`. */
export type Path = readonly (string | number)[];

/** A parsed document, not checked yet. */
export type Content = Readonly<Record<string, unknown>>;

/** The text is not JSON or YAML, or not one mapping. The message names the position. */
export class UnreadableText extends Error {
  override readonly name = 'UnreadableText';
}

/** Deeper than any document of AWS's; limits the recursion of code that walks a document. */
const deepest = 64;

/** The most uses of YAML anchors: with them a small text could become a huge value. */
const mostAliases = 100;

/** The value of a text; for TEXT, the text itself. @throws UnreadableText */
export function parseValue(text: string, format: DocumentFormat): unknown {
  if (format === 'TEXT') return text;
  const value = format === 'JSON' ? parseJson(text) : parseYaml(text);
  checkDepth(value);
  return value;
}

/** The value of a text that must be a mapping. @throws UnreadableText */
export function parseContent(text: string, format: DocumentFormat): Content {
  const content = parseValue(text, format);
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new UnreadableText('The document is not a mapping of names to values.');
  // Without quotes it is a number in YAML, but agents only read it as text.
  const { schemaVersion } = content as { schemaVersion?: unknown };
  if (typeof schemaVersion !== 'number') return content as Content;
  return { ...content, schemaVersion: schemaVersionText(schemaVersion) };
}

/**
 * Converts a document's text to another format. In its own format it stays unchanged.
 * @param text one that has been parsed before
 */
export function convertContent(text: string, from: DocumentFormat, to: Exclude<DocumentFormat, 'TEXT'>): string {
  if (from === to) return text;
  const value = parseValue(text, from);
  const content = isMapping(value) ? parseContent(text, from) : value;
  return to === 'JSON' ? JSON.stringify(content, null, 2) : formatYaml(content);
}

/** Writes YAML that parsers of YAML 1.1 and 1.2 read the same way: `'yes'` is quoted. */
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

/** The line, from 1, of the nearest existing part of the path, for error messages. */
export function lineOf(text: string, path: Path): number | undefined {
  const lines = new LineCounter();
  const document = parseLeniently(text, { lineCounter: lines, uniqueKeys: false, keepSourceTokens: false });
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as ParsedNode | undefined;
    if (node?.range) return lines.linePos(keyOffset(document, path.slice(0, length)) ?? node.range[0]).line;
  }
  return undefined;
}

/** The offset of a mapping entry's key, which is where a reader looks. */
function keyOffset(document: Document.Parsed, path: Path): number | undefined {
  const holder: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const items = (holder as { items?: readonly { key?: { value?: unknown; range?: readonly number[] } }[] } | null)
    ?.items;
  return items?.find((item) => item.key?.value === path.at(-1))?.key?.range?.[0];
}

type YamlOptions = ParseOptions & DocumentOptions & SchemaOptions;

/**
 * Other parsers accept quoted texts at any indentation. The text is read this way only when the strict parser fails.
 */
function parseLeniently(text: string, options: YamlOptions): Document.Parsed {
  const document = parseDocument(text, options);
  if (!document.errors.some(({ code }) => code === 'MISSING_CHAR')) return document;
  const indented = indentQuotedTexts(text);
  if (indented === text) return document;
  if (options.lineCounter !== undefined) options.lineCounter.lineStarts.length = 0;
  const second = parseDocument(indented, options);
  // Where that does not help either, the first faults describe the mistake better.
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

/** The parser's message ends with a drawing of the position, which is removed. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '');
}

/** Uses no recursion, because a value that is too deep would exhaust the stack. */
function checkDepth(content: unknown): void {
  let level: unknown[] = [content];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) throw tooDeep();
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [],
    );
  }
}

/** Checked before parsing: the parser's time grows with the square of the depth of brackets. */
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
