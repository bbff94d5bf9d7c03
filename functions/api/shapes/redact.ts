/** Inputs and outputs for the audit record: names in lower camel case, without secrets. */
import type { Model, Shape } from '../model.ts';
import { compiler } from './compile.ts';
import { setKey } from './decode.ts';
import { lowerFirst } from './value-text.ts';

export type Redact = (value: unknown) => unknown;

const hidden = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** Secrets that AWS's models do not mark as sensitive. */
const secretShapes: ReadonlySet<string> = new Set(['ActivationCode', 'TokenValue', 'Token']);

export function redactors(model: Pick<Model, 'shapes'>): (name: string) => Redact {
  return compiler<Redact>(model, build, (resolve) => (value) => resolve()(value));
}

function build(shape: Shape, of: (name: string) => Redact, name: string): Redact {
  if (shape.sensitive === true || secretShapes.has(name)) return () => hidden;
  switch (shape.type) {
    case 'structure':
      return structure(shape, of);
    case 'list': {
      const element = of(shape.member?.shape ?? '');
      return (value) =>
        Array.isArray(value) ? value.map((member) => (member === null ? null : element(member))) : value;
    }
    case 'map': {
      const element = of(shape.value?.shape ?? '');
      return (value) => {
        const redacted: Record<string, unknown> = {};
        for (const [key, member] of Object.entries(value as object))
          setKey(redacted, key, member === null ? null : element(member));
        return redacted;
      };
    }
    case 'timestamp':
      return (value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value);
    case 'blob':
      return (value) => (value instanceof Uint8Array ? `${value.length} bytes` : value);
    default:
      return (value) => value;
  }
}

function structure({ members = {} }: Shape, of: (name: string) => Redact): Redact {
  const fields = Object.entries(members).map(([name, member]) => ({
    name,
    shown: lowerFirst(name),
    shape: member.shape,
  }));
  return (value) => {
    const given = value as Readonly<Record<string, unknown>>;
    const redacted: Record<string, unknown> = {};
    for (const field of fields) {
      const member = given[field.name];
      if (member !== undefined && member !== null) redacted[field.shown] = of(field.shape)(member);
    }
    return redacted;
  };
}
