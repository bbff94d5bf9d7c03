import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { checkServerIdentity } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLog } from '../../core/log.ts';
import { openCertificates, renewCertificates } from '../../local/certificates.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'certificates-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('openCertificates', () => {
  test('makes a CA and a server certificate for all the names of this machine', async () => {
    const { cert, caFile } = await openCertificates(folder, ['flotilla.example']);

    const server = new X509Certificate(cert);
    const ca = new X509Certificate(readFileSync(caFile));
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.checkIssued(ca)).toBe(true);
    expect(ca.ca).toBe(true);
    expect(server.ca).toBe(false);
    for (const name of ['localhost', hostname().toLowerCase(), 'flotilla.example'])
      expect(server.checkHost(name)).toBe(name);
    for (const address of ['127.0.0.1', '::1']) expect(server.checkIP(address)).toBe(address);
    expect(server.checkHost('elsewhere.example')).toBeUndefined();
    expect(server.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  test('is for the names of buckets, by which amazon-ssm-agent addresses them', async () => {
    const { cert } = await openCertificates(folder, ['flotilla.example.com']);
    const server = new X509Certificate(cert).toLegacyObject();
    expect(checkServerIdentity('outputs.flotilla.example.com', server)).toBeUndefined();
    expect(checkServerIdentity('a.b.flotilla.example.com', server)).toBeInstanceOf(Error);
    // Node takes no wildcard of two labels; Go, in which that agent is written, does.
    expect(server.subjectaltname).toContain('DNS:*.localhost');
  });

  test('keeps what it made', async () => {
    const first = await openCertificates(folder, ['127.0.0.1']);
    const second = await openCertificates(folder, ['127.0.0.1']);
    expect(second).toEqual(first);
  });

  test('makes a new server certificate under the same CA when another host is named', async () => {
    const first = await openCertificates(folder, ['127.0.0.1']);
    const ca = readFileSync(first.caFile, 'utf8');
    const second = await openCertificates(folder, ['192.0.2.7']);
    expect(readFileSync(second.caFile, 'utf8')).toBe(ca);
    expect(new X509Certificate(second.cert).checkIP('192.0.2.7')).toBe('192.0.2.7');
  });

  test("mends a certificate that is not the CA's", async () => {
    const { cert } = await openCertificates(folder, ['127.0.0.1']);
    writeFileSync(path.join(folder, 'server.pem'), 'damaged');
    const mended = await openCertificates(folder, ['127.0.0.1']);
    expect(mended.cert).not.toBe(cert);
    expect(new X509Certificate(mended.cert).verify(new X509Certificate(readFileSync(mended.caFile)).publicKey)).toBe(
      true,
    );
  });

  test('lets nobody else read the keys', async () => {
    await openCertificates(folder, ['127.0.0.1']);
    for (const key of ['ca-key.pem', 'server-key.pem'])
      expect(statSync(path.join(folder, key)).mode & 0o777).toBe(0o600);
  });
});

describe('a process that outlives its certificate', () => {
  const day = 24 * 3600_000;
  afterEach(() => void vi.useRealTimers());

  test('is given a new one of the same CA while it runs, two months ahead', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const first = await openCertificates(folder, ['127.0.0.1']);
    let days = 0;
    const shown: string[] = [];
    const renewed = Promise.withResolvers<void>();
    const stop = renewCertificates(
      () => openCertificates(folder, ['127.0.0.1'], Date.now() + days * day),
      first,
      ({ cert }) => renewed.resolve(void shown.push(cert)),
      silentLog,
    );
    for (; days < 764; days += 100) vi.advanceTimersByTime(day);
    expect(shown).toEqual([]);
    days = 766;
    vi.advanceTimersByTime(day);
    await renewed.promise;
    stop();
    expect(shown).toHaveLength(1);
    expect(shown[0]).not.toBe(first.cert);
    expect(new X509Certificate(shown[0]!).verify(new X509Certificate(readFileSync(first.caFile)).publicKey)).toBe(true);
  });
});
