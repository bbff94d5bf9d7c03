/**
 * Puts parameters into a document, as amazon-ssm-agent does it. `{{ name }}` may have blanks. A string that is only one
 * reference becomes the value itself (a list stays a list). Elsewhere a text is inserted as it is, and any other value
 * as JSON; `$$` in inserted text becomes `$`. There is one pass: inserted text is not read again. Pure.
 */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [member: string]: Value };
export type Parameters = Readonly<Record<string, Value>>;

const reference = /\{\{\s*([a-zA-Z0-9]+)\s*\}\}/g;
const wholeReference = /^\s*\{\{\s*([a-zA-Z0-9]+)\s*\}\}\s*$/;

/** Replaces the references in every string of `value`. A name that is no parameter stays as it is. */
export function substitute(value: Value, parameters: Parameters): Value {
  if (typeof value === 'string') return inText(value, parameters);
  if (Array.isArray(value))
    return (value as readonly Value[]).flatMap((element): readonly Value[] => inList(element, parameters));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, substitute(member, parameters)]));
  return value;
}

/** A list value inside a list is merged into it: `runCommand: ["set -e", "{{ commands }}"]`. */
function inList(element: Value, parameters: Parameters): readonly Value[] {
  const replaced = substitute(element, parameters);
  return typeof element === 'string' && wholeReference.test(element) && Array.isArray(replaced)
    ? (replaced as readonly Value[])
    : [replaced];
}

function inText(text: string, parameters: Parameters): Value {
  const whole = wholeReference.exec(text)?.[1];
  if (whole !== undefined && Object.hasOwn(parameters, whole)) return parameters[whole]!;
  return text.replace(reference, (found, name: string) => {
    if (!Object.hasOwn(parameters, name)) return found;
    const value = parameters[name]!;
    return (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('$$', '$');
  });
}

const storeReference = /\{\{\s*ssm:([a-zA-Z0-9_./-]+(?::[a-zA-Z0-9_.-]+)?)\s*\}\}/g;

/** The names of Parameter Store parameters that a value refers to: `app/key`, `/app/key:3`. */
export function storeReferences(value: Value): string[] {
  if (typeof value === 'string') return [...value.matchAll(storeReference)].map((match) => match[1]!);
  if (typeof value === 'object' && value !== null)
    return Object.values(value).flatMap((member: Value) => storeReferences(member));
  return [];
}

/** Inserts parameters of Parameter Store; `known` must have all names. */
export function substituteStore(value: Value, known: ReadonlyMap<string, string>): Value {
  if (typeof value === 'string')
    return value.replace(storeReference, (found, name: string) => known.get(name) ?? found);
  if (Array.isArray(value)) return (value as readonly Value[]).map((element) => substituteStore(element, known));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, substituteStore(member, known)]));
  return value;
}
