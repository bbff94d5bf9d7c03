/** This node's identity: made by `register`, kept in the state folder. */
import { generateKeyPair, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { JsonFolder } from './state-folder.ts';
import { HttpClient } from '../core/http-client.ts';

export interface Registration {
  readonly nodeId: string;
  readonly region: string;
  /** The API: `https://flotilla.example:8555`. */
  readonly endpoint: string;
  /** The gateway; TLS. */
  readonly nodeEndpoint: string;
  /** The URL of the buckets; path style. */
  readonly s3Endpoint: string;
  readonly caFile?: string | undefined;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  readonly fingerprint: string;
  /** A new key that the service was asked to accept, until it is known which key is valid. */
  readonly nextPrivateKey?: string | undefined;
}

const name = 'registration';

export function openRegistrations(stateFolder: string): JsonFolder<Registration> {
  return new JsonFolder<Registration>(stateFolder);
}

export function readRegistration(stateFolder: string): Registration | undefined {
  return openRegistrations(stateFolder).read(name);
}

export function writeRegistration(stateFolder: string, registration: Registration): void {
  openRegistrations(stateFolder).write(name, registration);
}

/** Deletes everything that belonged to the node that this machine was before. */
export function forgetFormerNode(stateFolder: string): void {
  for (const name of ['commands', 'replies', 'associations', 'inventory'])
    rmSync(path.join(stateFolder, name), { recursive: true, force: true });
}

/** Base64 of the DER SubjectPublicKeyInfo, and the private key in PEM: RSA-2048, as AWS's agent makes them. */
export async function makeKeyPair(): Promise<{ readonly publicKey: string; readonly privateKey: string }> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: pair.publicKey.toString('base64'), privateKey: pair.privateKey };
}

export interface RegisterRequest extends Pick<
  Registration,
  'region' | 'endpoint' | 'nodeEndpoint' | 's3Endpoint' | 'caFile'
> {
  readonly activationId: string;
  readonly activationCode: string;
}

/** Registers this machine. @returns what is to be stored @throws ServiceError when the activation is refused */
export async function register(request: RegisterRequest): Promise<Registration> {
  const { activationId, activationCode, ...place } = request;
  const { publicKey, privateKey } = await makeKeyPair();
  const fingerprint = randomUUID();
  const http = new HttpClient(request.caFile);
  try {
    const { InstanceId: nodeId } = await http.callUnsigned<{ InstanceId: string }>(
      request.endpoint,
      'AmazonSSM.RegisterManagedInstance',
      {
        ActivationId: activationId,
        ActivationCode: activationCode,
        PublicKey: publicKey,
        PublicKeyType: 'Rsa',
        Fingerprint: fingerprint,
      },
    );
    return { ...place, nodeId, privateKey, fingerprint };
  } finally {
    http.close();
  }
}
