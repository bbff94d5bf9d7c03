/** From what operations return to JSON values: only what the model names is sent. */
import type { Model, Shape } from '../model.ts';
import { compiler } from './compile.ts';

export type Encode = (value: unknown) => unknown;

/** The encoders of a model's shapes. Absent and null members are left out. */
export function encoders(model: Pick<Model, 'shapes'>): (name: string) => Encode {
  return compiler<Encode>(model, build, (resolve) => (value) => resolve()(value));
}

/** Strings, numbers and booleans are JSON already. Loops compare with this function and skip the conversion. */
const asIs = (value: unknown): unknown => value;

function build(shape: Shape, of: (name: string) => Encode): Encode {
  switch (shape.type) {
    case 'structure':
      return structure(shape, of);
    case 'list':
      return list(of(shape.member?.shape ?? ''));
    case 'map':
      return map(of(shape.value?.shape ?? ''));
    case 'timestamp':
      return (value) => (shape.timestampFormat === 'iso8601' ? isoText(value as Date) : epochSeconds(value as Date));
    case 'blob':
      return (value) => Buffer.from(value as Uint8Array).toString('base64');
    case 'float':
    case 'double':
      return (value) => (Number.isFinite(value) ? value : String(value));
    case 'string':
    case 'boolean':
    case 'integer':
    case 'long':
      return asIs;
  }
}

function structure({ members = {} }: Shape, of: (name: string) => Encode): Encode {
  const fields = Object.entries(members)
    .filter(([, member]) => member.location === undefined)
    .map(([name, member]) => ({
      name,
      wire: member.locationName ?? name,
      shape: member.shape,
      encode: undefined as Encode | undefined,
    }));
  return (value) => {
    const given = value as Record<string, unknown>;
    const encoded: Record<string, unknown> = {};
    for (const field of fields) {
      const member = given[field.name];
      if (member === undefined || member === null) continue;
      const encode = (field.encode ??= of(field.shape));
      encoded[field.wire] = encode === asIs ? member : encode(member);
    }
    return encoded;
  };
}

function list(encode: Encode): Encode {
  if (encode === asIs) return asIs;
  return (value) => (value as readonly unknown[]).map(encode);
}

function map(encode: Encode): Encode {
  if (encode === asIs) return asIs;
  return (value) => Object.fromEntries(Object.entries(value as object).map(([key, member]) => [key, encode(member)]));
}

/** Epoch seconds with milliseconds: 1700000000.123. */
export function epochSeconds(date: Date): number {
  return date.getTime() / 1000;
}

/** ISO 8601, with milliseconds only where there are some. */
export function isoText(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
