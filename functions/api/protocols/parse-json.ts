/** A request's body as JSON. */
import { isUtf8 } from 'node:buffer';
import { SerializationException } from '../errors.ts';
import { isObject } from '../shapes/decode.ts';

/** Deeper than any input of the models, and far below what exhausts the stack. */
const deepest = 64;

/**
 * The object in a body; an empty body is `{}`.
 * @throws SerializationException
 */
export function parseJson(body: Uint8Array): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw new SerializationException('The request body is not valid UTF-8.');
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  if (text.length > 2 * deepest && isTooDeep(text))
    throw new SerializationException('The request is nested too deeply.');
  const value = parse(text);
  if (isObject(value)) return value;
  if (value === null) return {};
  throw new SerializationException(
    Array.isArray(value) ? 'Start of list found where not expected' : 'Expected map or null',
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError && isCutOff(error.message, text))
      throw new SerializationException('Unexpected end of input');
    throw new SerializationException('The request body is not valid JSON.');
  }
}

/** V8's message names the position of the error, unless it is at the end. */
function isCutOff(message: string, text: string): boolean {
  return /Unexpected end|Unterminated/.test(message) || Number(/at position (\d+)/.exec(message)?.[1]) >= text.length;
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) inString = !inString;
    else if (inString) {
      if (code === 0x5c) at++;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > deepest) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}
