/**
 * The certificate of the local port, from a CA that is made once and kept. Agents get the CA's file; nothing is added
 * to the system's trust store.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Log } from '../core/log.ts';
import { replaceFile } from '../core/replace-file.ts';

export interface Certificates {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** The CA's certificate, PEM: what agents and the AWS CLI are told to trust. */
  readonly caFile: string;
}

const day = 24 * 60 * 60_000;
/** A server certificate that expires sooner than this is made anew. */
const renewBefore = 60 * day;

/**
 * Checks once a day whether the server's certificate must be made anew: the process may run longer than a certificate
 * lasts.
 * @param changed gets the new certificate
 * @returns a function that stops the checks
 */
export function renewCertificates(
  open: () => Promise<Certificates>,
  current: Certificates,
  changed: (certificates: Certificates) => void,
  log: Log,
): () => void {
  let shown = current.cert;
  const look = async (): Promise<void> => {
    try {
      const certificates = await open();
      if (certificates.cert === shown) return;
      shown = certificates.cert;
      changed(certificates);
      log.info('the certificate was made anew');
    } catch (error) {
      log.error('the certificate could not be looked at; it is tried again tomorrow', { error });
    }
  };
  const timer = setInterval(() => void look(), day);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Reads the certificates of a folder. Makes those that are missing, expire soon or are for other hosts.
 * Making takes some 200 ms and reading almost nothing, so a second start is quick.
 * @param folder is made when it does not exist; its keys are readable by the owner only
 * @param hosts the values of `--host` and `--name`; localhost, 127.0.0.1, ::1 and the machine's own name are added
 * @param now epoch milliseconds in real time, because other programs check certificates by it
 */
export async function openCertificates(
  folder: string,
  hosts: readonly string[],
  now = Date.now(),
): Promise<Certificates> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string): string => path.join(folder, name);
  const caFile = file('ca.pem');
  const names = namesOf(hosts);
  const known = {
    ca: read(caFile),
    caKey: read(file('ca-key.pem')),
    cert: read(file('server.pem')),
    key: read(file('server-key.pem')),
  };
  if (
    known.ca !== undefined &&
    known.cert !== undefined &&
    known.key !== undefined &&
    isGood(known.cert, known.ca, names, now)
  )
    return { key: known.key, cert: known.cert, caFile };

  // Loading takes some 130 ms, and is needed only when a certificate must be made.
  const { makeAuthority, makeServerCertificate } = await import('./certificate-maker.ts');
  let { ca, caKey } = known;
  if (ca === undefined || caKey === undefined || Date.parse(new X509Certificate(ca).validTo) - now < renewBefore) {
    ({ cert: ca, key: caKey } = await makeAuthority());
    replaceFile(file('ca-key.pem'), caKey, 0o600);
    replaceFile(caFile, ca, 0o644);
  }
  const server = await makeServerCertificate({ cert: ca, key: caKey }, names);
  replaceFile(file('server-key.pem'), server.key, 0o600);
  replaceFile(file('server.pem'), server.cert, 0o644);
  return { ...server, caFile };
}

/** The names and addresses that the certificate is for. Names of buckets are below each name: `outputs.localhost`. */
export function namesOf(hosts: readonly string[]): readonly string[] {
  // A wildcard address is no name.
  const named = hosts.filter((host) => !['0.0.0.0', '::', ''].includes(host));
  const own = [
    ...new Set(['localhost', '127.0.0.1', '::1', ...[hostname(), ...named].map((name) => name.toLowerCase())]),
  ];
  return [...own, ...own.filter((name) => isIP(name) === 0).map((name) => `*.${name}`)];
}

/** Whether a certificate is signed by the CA, lasts long enough and is for all the names. */
function isGood(pem: string, caPem: string, names: readonly string[], now: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const ca = new X509Certificate(caPem);
    return (
      certificate.verify(ca.publicKey) &&
      Date.parse(certificate.validTo) - now > renewBefore &&
      names.every((name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined)
    );
  } catch {
    return false;
  }
}

function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
