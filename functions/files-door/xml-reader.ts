/** Reads the XML of requests in one pass: elements and text. There is no DTD, so a sender cannot define entities. */
import { malformedXml } from './errors.ts';

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** S3's requests have four levels. */
const deepest = 16;

/** The longest request completes 10,000 parts with up to eight elements each. */
const mostElements = 100_000;

const token =
  /<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\?[^]*?\?>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s<>=/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

interface OpenElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

/** @throws S3Error MalformedXML */
export function readXml(source: string): XmlElement {
  const document: OpenElement = { name: '', children: [], text: '' };
  const open: OpenElement[] = [document];
  const pattern = new RegExp(token);
  let elements = 0;
  pattern.lastIndex = source.startsWith('\ufeff') ? 1 : 0;
  while (pattern.lastIndex < source.length) {
    const match = pattern.exec(source);
    if (match === null) throw malformedXml();
    const [, cdata, closing, opening, , empty, text] = match;
    const current = open.at(-1)!;
    if (cdata !== undefined) current.text += cdata;
    else if (text !== undefined) current.text += unescape(text);
    else if (opening !== undefined) {
      const element: OpenElement = { name: opening, children: [], text: '' };
      current.children.push(element);
      if (empty === '') open.push(element);
      if (open.length > deepest || ++elements > mostElements) throw malformedXml();
    } else if (closing !== undefined && open.pop()!.name !== closing) throw malformedXml();
  }
  const [root] = document.children;
  if (open.length !== 1 || root === undefined || document.children.length !== 1 || document.text.trim() !== '')
    throw malformedXml();
  return local(root);
}

/** The children with a name. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The text of the first child with a name. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

function local({ name, children, text }: XmlElement): XmlElement {
  return { name: name.slice(name.indexOf(':') + 1), children: children.map(local), text };
}

/** Half a surrogate pair is no character: it would be stored as another one. */
function isCharacter(point: number): boolean {
  return point <= 0xd7ff || (point >= 0xe000 && point <= 0x10ffff);
}

const named: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['amp', '&'],
]);

function unescape(text: string): string {
  return text.replace(/&([^;&]{0,12});?/g, (found, entity: string) => {
    const number = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(entity);
    const point = number === null ? NaN : number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16);
    const character =
      number === null ? named.get(entity) : isCharacter(point) ? String.fromCodePoint(point) : undefined;
    if (character === undefined || !found.endsWith(';')) throw malformedXml();
    return character;
  });
}
