/** Makes activations, registers simulated nodes with them, and stores the nodes in a file. */
import { existsSync, readFileSync } from 'node:fs';
import { HttpClient, readJsonAnswer } from '../core/http-client.ts';
import { makeKeyPair, type Registration } from '../agent/registration.ts';
import { replaceFile } from '../core/replace-file.ts';
import { signRequest, type Credentials } from '../core/sigv4/sign.ts';

export interface EnrolOptions {
  readonly endpoint: string;
  readonly nodeEndpoint: string;
  readonly region: string;
  readonly caFile?: string | undefined;
  /** Of a person who may make activations. */
  readonly credentials: Credentials;
  readonly nodes: number;
  readonly activations: number;
  /** The number of key pairs. Nodes share them, because making keys would take most of the time. */
  readonly keyPairs: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Called after each node. */
  readonly onRegistered?: (count: number) => void;
}

/** AWS's limit for one activation. */
const mostOfOneActivation = 1000;
const atOnce = 16;

/** @throws ServiceError */
export async function enrol(options: EnrolOptions): Promise<Registration[]> {
  const { nodes, keyPairs, endpoint, nodeEndpoint, region, caFile } = options;
  const http = new HttpClient(caFile);
  try {
    const pairs = await Promise.all(Array.from({ length: Math.min(keyPairs, nodes) }, makeKeyPair));
    const count = Math.max(options.activations, Math.ceil(nodes / mostOfOneActivation));
    const activations = await Promise.all(
      Array.from({ length: count }, () => createActivation(options, http, Math.ceil(nodes / count))),
    );
    const registered: Registration[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < nodes) {
        const index = next++;
        const activation = activations[index % count]!;
        const pair = pairs[index % pairs.length]!;
        const fingerprint = crypto.randomUUID();
        const { InstanceId: nodeId } = await http.callUnsigned<{ InstanceId: string }>(
          endpoint,
          'AmazonSSM.RegisterManagedInstance',
          { ...activation, PublicKey: pair.publicKey, PublicKeyType: 'Rsa', Fingerprint: fingerprint },
        );
        registered.push({
          nodeId,
          region,
          endpoint,
          nodeEndpoint,
          s3Endpoint: endpoint,
          caFile,
          privateKey: pair.privateKey,
          fingerprint,
        });
        options.onRegistered?.(registered.length);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return registered;
  } finally {
    http.close();
  }
}

async function createActivation(
  { endpoint, region, credentials, tags }: EnrolOptions,
  http: HttpClient,
  limit: number,
): Promise<{ ActivationId: string; ActivationCode: string }> {
  const url = new URL('/', endpoint);
  const body = JSON.stringify({
    IamRole: 'simulated',
    DefaultInstanceName: 'simulated',
    RegistrationLimit: limit,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
  const headers = signRequest({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.CreateActivation' },
    body,
    credentials,
    region,
    service: 'ssm',
  });
  return readJsonAnswer(
    await http.send(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      body,
    }),
  );
}

/** The nodes of an earlier run. */
export function readFleet(file: string): Registration[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Registration[]) : [];
}

/** Only its owner may read it: keys are in it. */
export function writeFleet(file: string, registrations: readonly Registration[]): void {
  replaceFile(file, JSON.stringify(registrations), 0o600);
}
