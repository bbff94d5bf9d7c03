/**
 * Translates a user's pattern into V8's syntax. Users write Java's syntax, which AWS documents, or Go's, which the
 * agents use. Pure.
 */
import { posixClass, rangesText, shorthand, type Ranges } from './character-classes.ts';
import type { Structure } from './cost.ts';
import { checkSyntax } from './syntax.ts';

export interface Translated {
  /** For V8's RegExp. */
  readonly source: string;
  readonly flags: string;
  /** Absent where the pattern has something that this file does not understand: its cost is then unknown. */
  readonly structure?: Structure;
}

/** In UTF-16 units, as for a parameter's AllowedPattern. V8 needs long for the classes of a longer pattern. */
const longest = 1024;
/** The most sets such as `\p{L}` or `\W`. V8 needs part of a millisecond for each. */
const mostSets = 64;

/** The pattern has something that this file does not understand. V8 gets it unchanged. */
class NotRead extends Error {}

/** The pattern is too large to be judged in time. The message completes a sentence about the pattern. */
export class PatternTooLarge extends Error {}

/** @throws SyntaxError for what is not a pattern, PatternTooLarge */
export function translate(pattern: string): Translated {
  if (pattern.length > longest) throw new PatternTooLarge(`has more than ${longest} characters`);
  if ((pattern.match(/\\[pPwWdDsShH]/g) ?? []).length > mostSets)
    throw new PatternTooLarge(`has more than ${mostSets} sets such as \\w`);
  const { flags, body } = leadingFlags(pattern);
  try {
    const { source, structure } = new Translation(body);
    checkSyntax(source, `${flags}u`);
    // With this flag every line has a start.
    return { source, flags: `${flags}u`, ...(flags.includes('m') ? {} : { structure }) };
  } catch (error) {
    if (error instanceof NotRead || error instanceof SyntaxError) return asItIs(body, flags);
    throw error;
  }
}

/**
 * Java's and Go's anchors become V8's lookarounds. Only V8's strict mode knows `\p{…}`; the other mode accepts more
 * escapes.
 */
function asItIs(body: string, flags: string): Translated {
  const source = body.replace(/\\([\s\S])/g, (escape, letter: string) => anchors.get(letter) ?? escape);
  try {
    checkSyntax(source, `${flags}u`);
    return { source, flags: `${flags}u` };
  } catch (error) {
    // The other mode would read the name of an unknown class as text.
    if (/\\[pP]\{/.test(source)) throw error;
    checkSyntax(source, flags);
    return { source, flags };
  }
}

/** `(?i)` at the start applies to the whole pattern; in V8 that is a flag. */
function leadingFlags(pattern: string): { flags: string; body: string } {
  const match = /^\(\?([ims]+)\)/.exec(pattern);
  return match === null
    ? { flags: '', body: pattern }
    : { flags: [...new Set(match[1])].join(''), body: pattern.slice(match[0].length) };
}

const anchors: ReadonlyMap<string, string> = new Map([
  ['A', '(?<![\\s\\S])'],
  ['z', '(?![\\s\\S])'],
  ['Z', '(?![\\s\\S])'],
]);

const controls: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['v', 0x0b],
  ['f', 0x0c],
  ['r', 0x0d],
  ['a', 0x07],
  ['e', 0x1b],
]);

/** An element of a class or of a pattern: one character, a set of characters, or a property such as `\p{L}`. */
type Element = number | Ranges | { readonly property: string };

/** A group, or the whole pattern, while it is being read. */
interface Open {
  readonly alternatives: Structure[];
  parts: Structure[];
}

/** Reads a pattern from left to right. */
class Translation {
  source = '';
  readonly #text: readonly string[];
  #at = 0;
  /** The innermost group is last. */
  readonly #open: Open[] = [{ alternatives: [], parts: [] }];

  /** @throws NotRead */
  constructor(pattern: string) {
    this.#text = [...pattern];
    while (this.#at < this.#text.length) this.#next(this.#text[this.#at++]!);
    if (this.#open.length !== 1) throw new NotRead();
  }

  get structure(): Structure {
    return structureOf(this.#open[0]!);
  }

  #next(character: string): void {
    switch (character) {
      case '\\':
        return this.#escape();
      case '[':
        return this.#class();
      case '(':
        return this.#openGroup();
      case ')':
        return this.#closeGroup();
      case '^':
        return this.#write(character, 'start');
      case '.':
      case '$':
        return this.#write(character, 'one');
      case '|':
        return this.#alternative();
      case '*':
        return this.#quantifier(character, 0, Infinity);
      case '+':
        return this.#quantifier(character, 1, Infinity);
      case '?':
        return this.#quantifier(character, 0, 1);
      case '{':
        return this.#braces();
      default:
        return this.#element(character.codePointAt(0)!);
    }
  }

  #write(text: string, part: Structure): void {
    this.source += text;
    this.#innermost.parts.push(part);
  }

  get #innermost(): Open {
    return this.#open.at(-1)!;
  }

  #element(element: Element): void {
    const text = elementText(element);
    this.#write(Array.isArray(element) ? `[${text}]` : text, 'one');
  }

  #alternative(): void {
    this.source += '|';
    this.#innermost.alternatives.push({ sequence: this.#innermost.parts });
    this.#innermost.parts = [];
  }

  #openGroup(): void {
    const rest = this.#rest(80);
    const kind = /^\?(?:<?[=!]|:|<[A-Za-z][A-Za-z0-9]*>)/.exec(rest)?.[0] ?? '';
    if (kind === '' && rest.startsWith('?')) throw new NotRead();
    this.#at += kind.length;
    this.source += `(${kind}`;
    this.#open.push({ alternatives: [], parts: [] });
  }

  #closeGroup(): void {
    if (this.#open.length === 1) throw new NotRead();
    this.#write(')', structureOf(this.#open.pop()!));
  }

  #braces(): void {
    const [braces, least = '', more, most = ''] = /^(\d+)(,(\d*))?\}/.exec(this.#rest(24)) ?? [];
    if (braces === undefined) return this.#element(0x7b);
    this.#at += braces.length;
    this.#quantifier(
      `{${braces}`,
      Number(least),
      most !== '' ? Number(most) : more === undefined ? Number(least) : Infinity,
    );
  }

  #quantifier(text: string, least: number, most: number): void {
    const repeat = this.#innermost.parts.pop();
    // There is nothing to repeat; or it is Java's possessive quantifier, which V8 does not have.
    if (repeat === undefined || this.#peek() === '+') throw new NotRead();
    const lazy = this.#peek() === '?' ? '?' : '';
    this.#at += lazy.length;
    this.#write(text + lazy, { repeat, least, most });
  }

  #escape(): void {
    const letter = this.#peek();
    if (letter === 'Q') return this.#quoted();
    const anchor = anchors.get(letter);
    const reference = /^(?:[1-9]\d*|k<\w+>)/.exec(this.#rest(80))?.[0];
    const assertion = /^(?:c[A-Za-z]|[bB])/.exec(this.#rest(2))?.[0];
    this.#at += (reference ?? assertion ?? anchor?.slice(0, 1) ?? '').length;
    if (anchor !== undefined) this.#write(anchor, letter === 'A' ? 'start' : 'one');
    else if (reference !== undefined) this.#write(`\\${reference}`, 'reference');
    else if (assertion !== undefined) this.#write(`\\${assertion}`, 'one');
    else this.#element(this.#escaped());
  }

  /** What follows a backslash, inside and outside of a class. */
  #escaped(): Element {
    const letter = this.#text[this.#at++] ?? '';
    const set = shorthand(letter) ?? controls.get(letter);
    if (set !== undefined) return set;
    if (letter === 'p' || letter === 'P') return this.#property(letter);
    if (letter === 'x' || letter === 'u') return this.#coded(letter);
    if (letter === '' || /[A-Za-z0-9]/.test(letter)) throw new NotRead();
    return letter.codePointAt(0)!;
  }

  #property(letter: string): Element {
    const [whole, braced = '', single = ''] = /^(?:\{(\w+)\}|([A-Z]))/.exec(this.#rest(40)) ?? [];
    if (whole === undefined) throw new NotRead();
    this.#at += whole.length;
    return posixClass(braced, letter) ?? { property: `\\${letter}{${braced}${single}}` };
  }

  /** `\x41`, `\x{41}`, `\u0041`, and two `\u…` for a character beyond 16 bits. */
  #coded(letter: string): number {
    const form = letter === 'x' ? /^(?:([\dA-Fa-f]{2})|\{([\dA-Fa-f]{1,6})\})/ : /^([\dA-Fa-f]{4})/;
    const [whole, plain, braced] = form.exec(this.#rest(8)) ?? [];
    const code = parseInt(plain ?? braced ?? '', 16);
    if (whole === undefined || code > 0x10ffff) throw new NotRead();
    this.#at += whole.length;
    const low = /^\\u([Dd][C-Fc-f][\dA-Fa-f]{2})/.exec(this.#rest(6))?.[1];
    if (code < 0xd800 || code > 0xdbff || low === undefined) return code;
    this.#at += 6;
    return String.fromCharCode(code, parseInt(low, 16)).codePointAt(0)!;
  }

  /** `\Q…\E`: literal text. */
  #quoted(): void {
    this.#at++;
    while (this.#at < this.#text.length && !(this.#peek() === '\\' && this.#text[this.#at + 1] === 'E'))
      this.#element(this.#text[this.#at++]!.codePointAt(0)!);
    this.#at += 2;
  }

  #class(): void {
    let start = '[';
    if (this.#peek() === '^') {
      start = '[^';
      this.#at++;
    }
    // V8 needs long for a class that names the same set many times.
    const elements = new Set<string>();
    // The first bracket is a character.
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      const element = this.#classElement();
      const next = this.#text[this.#at + 1];
      if (typeof element === 'number' && this.#peek() === '-' && next !== ']' && next !== undefined) {
        this.#at++;
        const end = this.#classElement();
        // `[a-\d]`: Java refuses it; other engines take the hyphen as a character.
        if (typeof end !== 'number') throw new NotRead();
        elements.add(`${elementText(element)}-${elementText(end)}`);
      } else elements.add(elementText(element));
    }
    this.#at++;
    this.#write(`${start}${[...elements].join('')}]`, 'one');
  }

  #classElement(): Element {
    const character = this.#text[this.#at++];
    // Nested classes and their intersections.
    if (character === undefined || character === '[' || (character === '&' && this.#peek() === '&'))
      throw new NotRead();
    return character === '\\' ? this.#escaped() : character.codePointAt(0)!;
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #rest(most: number): string {
    return this.#text.slice(this.#at, this.#at + most).join('');
  }
}

function structureOf({ alternatives, parts }: Open): Structure {
  return alternatives.length === 0 ? { sequence: parts } : { choice: [...alternatives, { sequence: parts }] };
}

function elementText(element: Element): string {
  if (typeof element !== 'number') return 'property' in element ? element.property : rangesText(element);
  if (element >= 0xd800 && element <= 0xdfff) return `\\u{${element.toString(16)}}`;
  const character = String.fromCodePoint(element);
  return /[\x21-\x2f:-@[-^`{-~]/.test(character) ? `\\u{${element.toString(16)}}` : character;
}
