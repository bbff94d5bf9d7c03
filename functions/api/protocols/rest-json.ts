/** REST-JSON: the model says which members are in the path, the query, the headers, the status and the body. */
import { isUtf8 } from 'node:buffer';
import type { HttpRequest, HttpResponse } from '../../../core/http.ts';
import { queryPairs } from '../../../core/sigv4/canonical-request.ts';
import { SerializationException } from '../errors.ts';
import type { ModelledOperation } from '../loaded-service.ts';
import { shapeOf, type Member, type Shape } from '../model.ts';
import { parseIso, validDate } from '../shapes/decode.ts';
import { isoText } from '../shapes/encode.ts';
import { parseJson } from './parse-json.ts';
import type { WireError } from './wire-error.ts';

export function decodeRest(
  operation: ModelledOperation,
  request: HttpRequest,
  labels: Readonly<Record<string, string>>,
): object {
  if (operation.input === undefined) return {};
  const { model, decoder } = operation.service;
  const shape = shapeOf(model, operation.input);
  const input: Record<string, unknown> = {};
  if (shape.payload !== undefined) {
    if (request.body.length > 0) input[shape.payload] = request.body;
  } else if (hasBody(shape)) Object.assign(input, decoder(operation.input)(parseJson(request.body)));
  let query: [string, string][] | undefined;
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const wire = member.locationName ?? name;
    if (member.location === 'uri') {
      if (labels[wire] !== undefined) input[name] = fromText(shapeOf(model, member.shape), labels[wire]);
    } else if (member.location === 'header') {
      const value = request.headers[wire.toLowerCase()];
      if (value !== undefined) input[name] = fromText(shapeOf(model, member.shape), fromHeader(value));
    } else if (member.location === 'querystring') {
      query ??= queryPairs(request.query);
      const values = query.filter(([given]) => given === wire).map(([, value]) => value);
      if (values.length > 0) input[name] = fromQuery(operation, member, values);
    }
  }
  return input;
}

function fromQuery({ service: { model } }: ModelledOperation, member: Member, values: readonly string[]): unknown {
  const shape = shapeOf(model, member.shape);
  if (shape.type === 'list') {
    const element = shapeOf(model, shape.member?.shape ?? '');
    return values.map((value) => fromText(element, value));
  }
  return fromText(shape, values[0] ?? '');
}

/** @throws SerializationException */
function fromText(shape: Shape, text: string): unknown {
  switch (shape.type) {
    case 'string':
      return text;
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw new SerializationException('STRING_VALUE can not be converted to a Boolean');
    case 'integer':
    case 'long':
      if (/^-?\d{1,15}$/.test(text) && (shape.type === 'long' || Math.abs(Number(text)) < 2 ** 31)) return Number(text);
      throw new SerializationException(
        `STRING_VALUE can not be converted to ${shape.type === 'long' ? 'a Long' : 'an Integer'}`,
      );
    case 'float':
    case 'double':
      if (text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
      throw new SerializationException(
        `STRING_VALUE can not be converted to a ${shape.type === 'float' ? 'Float' : 'Double'}`,
      );
    case 'timestamp':
      return /^-?\d+(\.\d+)?$/.test(text) ? validDate(new Date(Number(text) * 1000)) : parseIso(text);
    default:
      throw new SerializationException(`a ${shape.type} cannot stand outside the body`);
  }
}

export function encodeRest(operation: ModelledOperation, output: object, requestId: string): HttpResponse {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-amzn-requestid': requestId };
  const status = operation.http.responseCode ?? 200;
  if (operation.output === undefined) return { status, headers, body: status === 204 ? '' : '{}' };
  const { model, encoder } = operation.service;
  const shape = shapeOf(model, operation.output);
  const given = output as Readonly<Record<string, unknown>>;
  if (shape.payload !== undefined) headers['content-type'] = 'application/octet-stream';
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const value = given[name];
    if (member.location === 'header' && value !== undefined && value !== null)
      headers[(member.locationName ?? name).toLowerCase()] = toHeader(value);
  }
  if (shape.payload !== undefined)
    return { status, headers, body: (given[shape.payload] as Uint8Array | undefined) ?? '' };
  return { status, headers, body: status === 204 ? '' : JSON.stringify(encoder(operation.output)(output)) };
}

export function restError(error: WireError, requestId: string): HttpResponse {
  const body = { ...(error.message === '' ? {} : { [error.messageMember]: error.message }), ...error.members };
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.code },
    body: JSON.stringify(body),
  };
}

function hasBody(shape: Shape): boolean {
  return Object.values(shape.members ?? {}).some((member) => member.location === undefined);
}

/** Header bytes are UTF-8, but Node reads and writes them as Latin-1. @throws SerializationException */
function fromHeader(value: string): string {
  if (!/[^\x20-\x7e]/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  if (!isUtf8(bytes)) throw new SerializationException('A header is not valid UTF-8.');
  return bytes.toString('utf8');
}

function toHeader(value: unknown): string {
  const text = value instanceof Date ? isoText(value) : String(value);
  // A line break in a value must not end the header.
  return /[^\x20-\x7e]/.test(text) ? Buffer.from(text.replace(/\p{Cc}+/gu, ' ')).toString('latin1') : text;
}
