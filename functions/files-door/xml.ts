/** XML as S3 speaks it: what is written, and the little that is read. */
export type Node = { readonly [element: string]: Content };
type Content = string | number | boolean | undefined | Node | readonly Content[];

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A document: a list is the element as often as it has entries; `undefined` is left out. */
export function document(root: string, content: Node): string {
  return `${declaration}<${root} xmlns="${namespace}">${children(content)}</${root}>`;
}

/** Errors have no namespace. */
export function errorDocument(content: Node): string {
  return `${declaration}<Error>${children(content)}</Error>`;
}

function children(content: Node): string {
  return Object.entries(content)
    .map(([name, value]) => element(name, value))
    .join('');
}

function element(name: string, value: Content): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return (value as readonly Content[]).map((one) => element(name, one)).join('');
  return `<${name}>${typeof value === 'object' ? children(value as Node) : escape(String(value))}</${name}>`;
}

/** Characters that XML cannot hold are written as references, as S3 does. */
function escape(text: string): string {
  return text.replace(/[&<>"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (character) => {
    const named = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }[character];
    return named ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
  });
}

export function unescape(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(lt|gt|quot|apos|amp));/g, (found, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }[name] ?? found;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : found;
  });
}

/** The contents of every element of a name, prefixes ignored. Requests are shallow and small. */
export function elements(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?(?:/>|>([^]*?)</(?:\\w+:)?${name}\\s*>)`, 'g'))].map((match) => match[1] ?? '');
}

/** The text of the first element of a name. */
export function textOf(text: string, name: string): string | undefined {
  const found = elements(text, name)[0];
  return found === undefined ? undefined : unescape(found);
}
