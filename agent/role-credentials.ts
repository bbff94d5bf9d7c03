/**
 * Short-lived credentials for a node that proves that it has its key. The request has the form of Signature Version 4,
 * and its signature is RSASSA-PSS (SHA-256, salt of 32 bytes) of the string to sign.
 */
import { constants, createPrivateKey, sign } from 'node:crypto';
import { canonicalRequest, scopeOf, sha256, stringToSign } from '../core/sigv4/canonical-request.ts';
import { amzDate } from '../core/sigv4/dates.ts';
import type { Credentials } from '../core/sigv4/sign.ts';
import type { Log } from '../core/log.ts';
import { readJsonAnswer, ServiceError, type HttpClient } from '../core/http-client.ts';
import { makeKeyPair, type Registration } from './registration.ts';

interface RoleToken {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  /** Epoch seconds. */
  readonly TokenExpirationDate: number;
  readonly UpdateKeyPair: boolean;
}

/** Milliseconds between two attempts to get new credentials while the old ones are valid. */
const retryAfter = 30_000;

export class RoleCredentials {
  readonly #http: HttpClient;
  readonly #log: Log;
  readonly #save: (registration: Registration) => void;
  #registration: Registration;
  #current: { readonly credentials: Credentials; readonly expiresAt: number; refreshAt: number } | undefined;
  #pending: Promise<Credentials> | undefined;

  /** @param save stores a registration whose key has changed; durable when it returns */
  constructor(http: HttpClient, registration: Registration, save: (registration: Registration) => void, log: Log) {
    this.#http = http;
    this.#registration = registration;
    this.#save = save;
    this.#log = log;
  }

  /** Valid credentials; new ones are requested after half of their life. @throws ServiceError, or a network error */
  get(): Promise<Credentials> {
    if (this.#current !== undefined && Date.now() < this.#current.refreshAt)
      return Promise.resolve(this.#current.credentials);
    this.#pending ??= this.#refreshOrKeep().finally(() => (this.#pending = undefined));
    return this.#pending;
  }

  /** After half of their life the old ones are still valid: an unreachable service must not stop running work. */
  async #refreshOrKeep(): Promise<Credentials> {
    try {
      return await this.#refresh();
    } catch (error) {
      const old = this.#current;
      if (old === undefined || Date.now() > old.expiresAt - retryAfter) throw error;
      old.refreshAt = Date.now() + retryAfter;
      return old.credentials;
    }
  }

  /** Forgets the credentials, because the service did not know them. */
  invalidate(): void {
    this.#current = undefined;
  }

  async #refresh(): Promise<Credentials> {
    const asked = Date.now();
    const token = await this.#requestToken();
    const credentials = {
      accessKeyId: token.AccessKeyId,
      secretAccessKey: token.SecretAccessKey,
      sessionToken: token.SessionToken,
    };
    const expiresAt = token.TokenExpirationDate * 1000;
    // With a clock ahead of the service's, credentials would seem expired at every call.
    this.#current = {
      credentials,
      expiresAt,
      refreshAt: Math.max(asked + retryAfter, asked + (expiresAt - asked) / 2),
    };
    if (token.UpdateKeyPair) await this.#replaceKey();
    return credentials;
  }

  /** Signs with the valid key: after an interrupted change of keys it may be the new one. */
  async #requestToken(): Promise<RoleToken> {
    const ask = (privateKey: string): Promise<RoleToken> =>
      this.#call<RoleToken>(
        'RequestManagedInstanceRoleToken',
        { Fingerprint: this.#registration.fingerprint },
        privateKey,
      );
    const { privateKey, nextPrivateKey } = this.#registration;
    if (nextPrivateKey === undefined) return ask(privateKey);
    try {
      const token = await ask(nextPrivateKey);
      this.#keep({ ...this.#registration, privateKey: nextPrivateKey, nextPrivateKey: undefined });
      return token;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const token = await ask(privateKey);
      this.#keep({ ...this.#registration, nextPrivateKey: undefined });
      return token;
    }
  }

  /** The new key is on the disk before the service gets it, so whatever fails, one of the two is valid. */
  async #replaceKey(): Promise<void> {
    const { publicKey, privateKey } = await makeKeyPair();
    this.#keep({ ...this.#registration, nextPrivateKey: privateKey });
    try {
      await this.#call(
        'UpdateManagedInstancePublicKey',
        { NewPublicKey: publicKey, NewPublicKeyType: 'Rsa' },
        this.#registration.privateKey,
      );
      this.#keep({ ...this.#registration, privateKey, nextPrivateKey: undefined });
    } catch (error) {
      this.#log.warn('the key could not be changed; the next request finds out which one counts', { error });
    }
  }

  #keep(registration: Registration): void {
    this.#save(registration);
    this.#registration = registration;
  }

  async #call<Output>(operation: string, input: object, privateKey: string): Promise<Output> {
    const { endpoint, region, nodeId } = this.#registration;
    const url = new URL('/', endpoint);
    const body = JSON.stringify(input);
    const date = amzDate(Date.now());
    const headers: Record<string, string> = {
      host: url.host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-date': date,
      'x-amz-target': `AmazonSSM.${operation}`,
    };
    const signedHeaders = Object.keys(headers).sort();
    const scope = scopeOf(date.slice(0, 8), region, 'ssm');
    const canonical = canonicalRequest({
      method: 'POST',
      path: '/',
      query: '',
      headers,
      signedHeaders,
      payloadHash: sha256(body),
      service: 'ssm',
    });
    const signature = sign('sha256', Buffer.from(stringToSign(date, scope, canonical)), {
      key: createPrivateKey(privateKey),
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 32,
    });
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${nodeId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature.toString('base64')}`;
    headers['content-length'] = String(Buffer.byteLength(body));
    return readJsonAnswer<Output>(await this.#http.send(url, { method: 'POST', headers, body }));
  }
}
