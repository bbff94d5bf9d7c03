/** AWS's Query protocol, which STS uses: a form is received, XML is sent. */
import { isUtf8 } from 'node:buffer';
import type { HttpRequest, HttpResponse } from '../../../core/http.ts';
import { uriDecode } from '../../../core/sigv4/canonical-request.ts';
import { SerializationException } from '../errors.ts';
import type { LoadedService, ModelledOperation } from '../loaded-service.ts';
import { shapeOf } from '../model.ts';
import { isoText } from '../shapes/encode.ts';
import type { WireError } from './wire-error.ts';

/** The form of a POST, or the query of a presigned GET. @throws SerializationException for a body that is not UTF-8 */
export function formOf(request: Pick<HttpRequest, 'method' | 'query' | 'body'>): ReadonlyMap<string, string> {
  if (!isUtf8(request.body)) throw new SerializationException('The request body is not valid UTF-8.');
  const text = request.body.length > 0 ? Buffer.from(request.body).toString('utf8') : request.query;
  const form = new Map<string, string>();
  for (const part of text.split('&')) {
    const [name = '', value = ''] = part.split(/=(.*)/s);
    // A plus is a space in a form; only signatures take it literally.
    if (name !== '') form.set(uriDecode(name.replaceAll('+', ' ')), uriDecode(value.replaceAll('+', ' ')));
  }
  return form;
}

/** Decodes top-level members; no registered operation has others. */
export function decodeForm(operation: ModelledOperation, form: ReadonlyMap<string, string>): object {
  if (operation.input === undefined) return {};
  const { members = {} } = shapeOf(operation.service.model, operation.input);
  const body: Record<string, string> = {};
  for (const name of Object.keys(members)) {
    const value = form.get(name);
    if (value !== undefined) body[name] = value;
  }
  return operation.service.decoder(operation.input)(body) as object;
}

export function encodeXml(operation: ModelledOperation, output: object, requestId: string): HttpResponse {
  const { name, service } = operation;
  const result = operation.output === undefined ? '' : element(`${name}Result`, service, operation.output, output);
  const body = `<${name}Response xmlns="${namespaceOf(service)}">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
  return { status: 200, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

export function xmlError(error: WireError, requestId: string, service?: LoadedService): HttpResponse {
  const type = error.status >= 500 ? 'Receiver' : 'Sender';
  const xmlns = service === undefined ? '' : ` xmlns="${namespaceOf(service)}"`;
  const body = `<ErrorResponse${xmlns}><Error><Type>${type}</Type><Code>${error.code}</Code><Message>${escape(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status: error.status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

function element(name: string, service: LoadedService, shapeName: string, value: unknown): string {
  return `<${name}>${content(service, shapeName, value)}</${name}>`;
}

function content(service: LoadedService, shapeName: string, value: unknown): string {
  const shape = shapeOf(service.model, shapeName);
  switch (shape.type) {
    case 'structure': {
      const given = value as Readonly<Record<string, unknown>>;
      return Object.entries(shape.members ?? {})
        .map(([name, member]) =>
          given[name] === undefined || given[name] === null ? '' : element(name, service, member.shape, given[name]),
        )
        .join('');
    }
    case 'list':
      return (value as readonly unknown[])
        .map((member) => element('member', service, shape.member?.shape ?? '', member))
        .join('');
    case 'timestamp':
      return isoText(value as Date);
    default:
      return escape(String(value));
  }
}

function namespaceOf({ name, model }: LoadedService): string {
  return `https://${name}.amazonaws.com/doc/${model.apiVersion}/`;
}

/** Text for XML, without characters that XML 1.0 cannot have. */
function escape(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
