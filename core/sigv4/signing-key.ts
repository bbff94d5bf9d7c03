/** The key that a secret becomes for one day, Region and service. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** As key objects: making one of a Buffer anew costs six times the HMAC itself. */
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

/** Lower-case hex: the signature of a string to sign. */
export function signature(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
