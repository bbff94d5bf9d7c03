/** A node's own key, and requests signed with it as agents sign them: written anew here, from the protocol. */
import { constants, createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import type { HttpRequest } from '../../core/http.ts';

export interface NodeIdentity {
  readonly privateKey: KeyObject;
  /** Base64 of the DER SubjectPublicKeyInfo. */
  readonly publicKey: string;
  readonly fingerprint: string;
}

export function newIdentity(): NodeIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    fingerprint: randomUUID(),
  };
}

export interface SignAsNode {
  readonly nodeId: string;
  readonly privateKey: KeyObject;
  readonly operation: string;
  readonly body: object;
  readonly host?: string;
  readonly region?: string;
  readonly at?: Date;
}

/** `POST /` with the headers that amazon-ssm-agent sends, signed with RSASSA-PSS. */
export function signedByNode({
  nodeId,
  privateKey,
  operation,
  body,
  host = '127.0.0.1:8555',
  region = 'us-east-1',
  at = new Date(),
}: SignAsNode): HttpRequest {
  const text = JSON.stringify(body);
  const date = at.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/${region}/ssm/aws4_request`;
  const signedHeaders = 'content-type;host;x-amz-date;x-amz-target';
  const headers: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.1',
    host,
    'x-amz-date': date,
    'x-amz-target': `AmazonSSM.${operation}`,
  };
  const hash = (data: string): string => createHash('sha256').update(data).digest('hex');
  const canonical = [
    'POST',
    '/',
    '',
    ...signedHeaders.split(';').map((name) => `${name}:${headers[name]}`),
    '',
    signedHeaders,
    hash(text),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n');
  const signature = sign('sha256', Buffer.from(toSign), {
    key: privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  }).toString('base64');
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${nodeId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  headers['x-amz-content-sha256'] = hash(text);
  return { method: 'POST', path: '/', query: '', headers, body: Buffer.from(text), sourceIp: '127.0.0.1' };
}
