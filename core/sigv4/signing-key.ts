/** The signing key of a secret for one day, Region and service. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** As key objects: making one from a Buffer costs six times as much as the HMAC itself. */
const cache = new LRUCache<string, KeyObject>({ max: 4096 });

/** @param day `20260102` */
export function signingKey(secretAccessKey: string, day: string, region: string, service: string): KeyObject {
  const name = `${secretAccessKey}/${day}/${region}/${service}`;
  let key = cache.get(name);
  if (key === undefined) {
    key = createSecretKey(hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), 'aws4_request'));
    cache.set(name, key);
  }
  return key;
}

/** The signature of a string to sign, in lower-case hex. */
export function signature(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
