/** Converts parsed JSON to the values that operations take. A wrong type is a SerializationException. */
import type { Model, Shape } from '../model.ts';
import { SerializationException } from '../errors.ts';
import { compiler } from './compile.ts';

export type Decode = (value: unknown) => unknown;

/** The decoders of a model's shapes. A `null` member counts as absent; unknown members are ignored. */
export function decoders(model: Pick<Model, 'shapes'>): (name: string) => Decode {
  return compiler<Decode>(model, build, (resolve) => (value) => resolve()(value));
}

function build(shape: Shape, of: (name: string) => Decode): Decode {
  switch (shape.type) {
    case 'structure':
      return structure(shape, of);
    case 'list':
      return list(of(shape.member?.shape ?? ''));
    case 'map':
      return map(of(shape.value?.shape ?? ''));
    case 'string':
      return (value) => (typeof value === 'string' ? value : refuse(value, 'a String'));
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : refuse(value, 'a Boolean'));
    case 'integer':
      return (value) => (isWithin(value, -(2 ** 31), 2 ** 31 - 1) ? value : refuse(value, 'an Integer'));
    case 'long':
      return (value) =>
        isWithin(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) ? value : refuse(value, 'a Long');
    case 'float':
      return (value) => (typeof value === 'number' ? value : refuse(value, 'a Float'));
    case 'double':
      return (value) => (typeof value === 'number' ? value : refuse(value, 'a Double'));
    case 'timestamp':
      return shape.timestampFormat === 'iso8601' ? isoTimestamp : timestamp;
    case 'blob':
      return (value) => (typeof value === 'string' ? base64(value) : refuse(value, 'a Blob'));
  }
}

function structure({ members = {} }: Shape, of: (name: string) => Decode): Decode {
  const fields = Object.entries(members)
    .filter(([, member]) => member.location === undefined)
    .map(([name, member]) => ({
      name,
      wire: member.locationName ?? name,
      shape: member.shape,
      decode: undefined as Decode | undefined,
    }));
  return (value) => {
    if (!isObject(value)) return refuseMap(value);
    const decoded: Record<string, unknown> = {};
    for (const field of fields) {
      const given = value[field.wire];
      // Decoders are built when first needed: StartChangeRequestExecution alone leads to forty shapes.
      if (given !== undefined && given !== null) decoded[field.name] = (field.decode ??= of(field.shape))(given);
    }
    return decoded;
  };
}

/** A null in a list stays: the check then names it in its message. */
function list(decode: Decode): Decode {
  return (value) => {
    if (!Array.isArray(value))
      throw new SerializationException(
        isObject(value) ? 'Start of structure or map found where not expected.' : 'Expected list or null',
      );
    const decoded: unknown[] = [];
    for (const element of value as unknown[]) decoded.push(element === null ? null : decode(element));
    return decoded;
  };
}

function map(decode: Decode): Decode {
  return (value) => {
    if (!isObject(value)) return refuseMap(value);
    const decoded: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const given = value[key];
      setKey(decoded, key, given === null ? null : decode(given));
    }
    return decoded;
  };
}

/** Assigning to `__proto__` would change the object's prototype instead of adding a member. */
export function setKey(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

function timestamp(value: unknown): Date {
  if (typeof value !== 'number') return refuse(value, 'a Timestamp');
  return validDate(new Date(Math.round(value * 1000)));
}

function isoTimestamp(value: unknown): Date {
  if (typeof value !== 'string') return refuse(value, 'a Timestamp');
  return parseIso(value);
}

/** @throws SerializationException unless the text has RFC 3339's form */
export function parseIso(text: string): Date {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text))
    throw new SerializationException('Unable to parse date');
  return validDate(new Date(text));
}

export function validDate(date: Date): Date {
  if (Number.isNaN(date.getTime())) throw new SerializationException('Unable to parse date');
  return date;
}

function base64(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1)
    throw new SerializationException('Unable to decode Base64');
  // A Uint8Array with its own bytes: a Buffer may share its memory with others.
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function isWithin(value: unknown, least: number, greatest: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseMap(value: unknown): never {
  if (Array.isArray(value)) throw new SerializationException('Start of list found where not expected');
  throw new SerializationException('Expected map or null');
}

function refuse(value: unknown, type: string): never {
  if (Array.isArray(value)) throw new SerializationException('Start of list found where not expected');
  if (typeof value === 'object')
    throw new SerializationException('Start of structure or map found where not expected.');
  throw new SerializationException(`${token(value)} can not be converted to ${type}`);
}

/** The names of JSON's tokens in AWS's parser. */
function token(value: unknown): string {
  if (typeof value === 'string') return 'STRING_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
}
