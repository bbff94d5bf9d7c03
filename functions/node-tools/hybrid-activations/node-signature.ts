/**
 * How a node signs with its own key, before it has credentials: an Authorization header in the form of SigV4
 * whose Signature is RSASSA-PSS (SHA-256, MGF1 with SHA-256, salt of 32 bytes) over the string to sign.
 */
import { constants, createHash, verify, type KeyObject } from 'node:crypto';
import type { HttpRequest } from '../../../core/http.ts';

export interface NodeSignature {
  readonly nodeId: string;
  /** `20260102/us-east-1/ssm/aws4_request` */
  readonly scope: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  /** Base64. */
  readonly signature: string;
  /** `20260102T030405Z` */
  readonly date: string;
  /** Epoch milliseconds. */
  readonly signedAt: number;
}

const authorization = /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/((\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request)\s*,\s*SignedHeaders=([^,\s]+)\s*,\s*Signature=([A-Za-z0-9+/=]+)\s*$/;
const amzDate = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** A signature over less than this says nothing about who is asked for what, and when. */
const mustBeSigned = ['host', 'x-amz-date', 'x-amz-target'];

/** What the headers claim, or `undefined` where they have not this form. */
export function parseNodeSignature(headers: HttpRequest['headers']): NodeSignature | undefined {
  const match = authorization.exec(headers['authorization'] ?? '');
  const date = headers['x-amz-date'] ?? '';
  const moment = amzDate.exec(date);
  if (match === null || moment === null) return undefined;
  const [, nodeId = '', scope = '', day, region = '', service = '', names = '', signature = ''] = match;
  const signedHeaders = names.toLowerCase().split(';');
  if (day !== date.slice(0, 8) || !mustBeSigned.every((name) => signedHeaders.includes(name))) return undefined;
  const signedAt = Date.parse(date.replace(amzDate, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(signedAt) ? undefined : { nodeId, scope, region, service, signedHeaders, signature, date, signedAt };
}

/** Whether the request, body included, was signed with the key. The headers that count are those it lists. */
export function isSignedBy(key: KeyObject, request: HttpRequest, signed: NodeSignature): boolean {
  const parameters = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  try {
    return verify('sha256', Buffer.from(stringToSign(request, signed)), parameters, Buffer.from(signed.signature, 'base64'));
  } catch {
    return false;
  }
}

/** SigV4's string to sign of a request without a query. */
export function stringToSign(request: Pick<HttpRequest, 'method' | 'path' | 'headers' | 'body'>, signed: Pick<NodeSignature, 'signedHeaders' | 'date' | 'scope'>): string {
  const header = (name: string): string => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`;
  const canonical = [request.method, request.path, '', signed.signedHeaders.map(header).join(''), signed.signedHeaders.join(';'), sha256(request.body)].join('\n');
  return ['AWS4-HMAC-SHA256', signed.date, signed.scope, sha256(canonical)].join('\n');
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
