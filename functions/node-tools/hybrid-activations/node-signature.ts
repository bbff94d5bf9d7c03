/**
 * The signature of a node with its own key, before it has credentials: an Authorization header in the form of SigV4,
 * whose Signature is RSASSA-PSS (SHA-256, MGF1 with SHA-256, salt of 32 bytes) of the string to sign.
 */
import { constants, verify, type KeyObject } from 'node:crypto';
import type { HttpRequest } from '../../../core/http.ts';
import { canonicalRequest, sha256, stringToSign } from '../../../core/sigv4/canonical-request.ts';
import { claimedSignature, type ClaimedSignature } from '../../../core/sigv4/claimed-signature.ts';
import { SignatureError } from '../../../core/sigv4/signature-error.ts';

/** What the header claims: the node's id is in the position of the access key's, and `signature` is base64. */
export interface NodeSignature extends ClaimedSignature {
  readonly nodeId: string;
}

/** A signature without these headers would not prove the operation and the time of the request. */
const mustBeSigned = ['host', 'x-amz-date', 'x-amz-target'];

/**
 * Parses the header; `undefined` where it does not have this form. The node chooses which further headers are signed.
 */
export function parseNodeSignature(request: Pick<HttpRequest, 'headers' | 'query'>): NodeSignature | undefined {
  let claimed: ClaimedSignature;
  try {
    claimed = claimedSignature(request);
  } catch (error) {
    if (error instanceof SignatureError) return undefined;
    throw error;
  }
  if (claimed.kind !== 'header' || claimed.day !== claimed.date.slice(0, 8)) return undefined;
  if (!mustBeSigned.every((name) => claimed.signedHeaders.includes(name) && request.headers[name] !== undefined))
    return undefined;
  return { ...claimed, nodeId: claimed.accessKeyId };
}

/** Whether the request with its body was signed with the key. */
export function isSignedBy(
  key: KeyObject,
  request: Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>,
  signed: NodeSignature,
): boolean {
  const canonical = canonicalRequest({
    method: request.method,
    path: request.path,
    query: request.query,
    headers: request.headers,
    signedHeaders: signed.signedHeaders,
    // Agents send x-amz-content-sha256 without signing it, so the hash of the body itself is used.
    payloadHash: sha256(request.body),
    service: signed.service,
  });
  const text = Buffer.from(stringToSign(signed.date, signed.scope, canonical));
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return verify('sha256', text, pss, Buffer.from(signed.signature, 'base64'));
}
