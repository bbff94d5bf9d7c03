/** Writes XML in S3's form. */
export type Node = { readonly [element: string]: Content };
type Content = string | number | boolean | undefined | Node | readonly Content[];

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A document. A list becomes one element for each entry; `undefined` is left out. */
export function document(root: string, content: Node | string): string {
  return `${declaration}<${root} xmlns="${namespace}">${typeof content === 'string' ? escape(content) : children(content)}</${root}>`;
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

/** Characters that XML cannot contain are written as references, as in S3. */
function escape(text: string): string {
  return text.replace(/[&<>"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, (character) => {
    const named = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }[character];
    return named ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
  });
}
