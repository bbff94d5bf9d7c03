/** Whose a connection from this machine is: by the kernel's own list of sockets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAmong, PeerUsers, socketsOf, userOf, withoutZone } from '../../local/peer-user.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     ';
const line = (from: string, to: string, user: number): string =>
  `   0: ${from} ${to} 01 00000000:00000000 00:00000000 00000000 ${String(user).padStart(5)}        0 12345 1 0000000000000000 20 4 30 10 -1`;

describe('the list of sockets', () => {
  test.each([
    ['IPv4', ['127.0.0.1', 54321], ['127.0.0.1', 8555], '0100007F:D431', '0100007F:216B'],
    [
      'IPv4 that a socket of IPv6 speaks',
      ['127.0.0.1', 54321],
      ['127.0.0.1', 8555],
      '0000000000000000FFFF00000100007F:D431',
      '0000000000000000FFFF00000100007F:216B',
    ],
    [
      'IPv4 as a server of IPv6 sees it',
      ['::ffff:127.0.0.1', 54321],
      ['::ffff:127.0.0.1', 8555],
      '0100007F:D431',
      '0100007F:216B',
    ],
    [
      'IPv6',
      ['2001:db8::1', 80],
      ['::1', 8555],
      'B80D0120000000000000000001000000:0050',
      '00000000000000000000000001000000:216B',
    ],
  ] as const)('%s', (_name, from, to, kernelFrom, kernelTo) => {
    const table = socketsOf([head, line(kernelTo, kernelFrom, 7), line(kernelFrom, kernelTo, 1234)].join('\n'));
    expect(userOf(table, from, to)).toBe(1234);
    expect(userOf(table, [from[0], 1], to)).toBeUndefined();
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:192.0.2.7', true],
  ['192.0.2.7', true],
  ['fe80::1%eth0', true],
  ['fe80::2%eth0', false],
  ['192.0.2.8', false],
])('%s is this machine’s: %s', (address, expected) => {
  expect(isAmong(['192.0.2.7', 'fe80::1'], withoutZone(address)!)).toBe(expected);
});

describe('a peer', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'peers-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const local = { remoteAddress: '127.0.0.1', remotePort: 54321, localAddress: '127.0.0.1', localPort: 8555 };
  const privileged = (user: number, ownUser = 1000): Promise<boolean> => {
    writeFileSync(path.join(folder, 'tcp'), [head, line('0100007F:D431', '0100007F:216B', user), ''].join('\n'));
    return new PeerUsers({ folder, ownUser }).isPrivileged(local);
  };

  test('is privileged as root and as the service’s own user, and not as another', async () => {
    expect(await privileged(0)).toBe(true);
    expect(await privileged(1000)).toBe(true);
    expect(await privileged(1001)).toBe(false);
  });

  test('of another machine is not, whatever its port', async () => {
    const peers = new PeerUsers({ folder, ownUser: 1000 });
    expect(await peers.isPrivileged({ ...local, remoteAddress: '192.0.2.7' })).toBe(false);
  });

  test('of this machine whose user cannot be found out is', async () => {
    expect(await new PeerUsers({ folder, ownUser: 1000 }).isPrivileged(local)).toBe(true);
    writeFileSync(path.join(folder, 'tcp'), `${head}\n`);
    expect(await new PeerUsers({ folder, ownUser: 1000 }).isPrivileged(local)).toBe(true);
  });

  test('that is this very process is, over every address of this machine', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '::', resolve));
    const { port } = server.address() as AddressInfo;
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const own = addresses.filter(({ scopeid = 0 }) => scopeid === 0).map(({ address }) => address);
    try {
      for (const address of ['127.0.0.1', ...own]) {
        const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
        const client = connect(port, address);
        const socket = await accepted;
        expect(await new PeerUsers().isPrivileged(socket), address).toBe(true);
        // Of a user that is neither root nor this one the same connection would not be.
        if (process.getuid?.() !== 0)
          expect(await new PeerUsers({ ownUser: 4_000_000_000 }).isPrivileged(socket), address).toBe(false);
        client.destroy();
        socket.destroy();
      }
    } finally {
      server.close();
    }
  });
});
