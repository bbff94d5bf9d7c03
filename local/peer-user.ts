/**
 * Finds the user of a connection from this machine. Linux lists every socket with its owner in /proc/net, so the peer
 * itself is not asked. A container with its own network counts as another machine.
 */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

/** The four members of a socket that identify a connection. */
export type Connected = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

export interface PeerUsersOptions {
  /** The folder where Linux lists its sockets. */
  readonly folder?: string;
  /** The user that the service runs as. */
  readonly ownUser?: number | undefined;
}

export class PeerUsers {
  readonly #folder: string;
  readonly #ownUser: number | undefined;
  #running: Promise<string | undefined> | undefined;
  #next: Promise<string | undefined> | undefined;

  constructor({ folder = '/proc/net', ownUser = process.getuid?.() }: PeerUsersOptions = {}) {
    this.#folder = folder;
    this.#ownUser = ownUser;
  }

  /**
   * Whether the peer is a process on this machine that runs as root or as the service's user. A local peer whose user
   * is unknown counts as one: systems other than Linux do not tell the user, and a connection may already be closed.
   */
  async isPrivileged(socket: Connected): Promise<boolean> {
    const { remotePort, localPort } = socket;
    const remoteAddress = withoutZone(socket.remoteAddress);
    const localAddress = withoutZone(socket.localAddress);
    if (remoteAddress === undefined || localAddress === undefined) return true;
    if (!isAmong(ownAddresses(), remoteAddress)) return false;
    const table = await this.#sockets();
    const user =
      table === undefined ? undefined : userOf(table, [remoteAddress, remotePort ?? 0], [localAddress, localPort ?? 0]);
    return user === undefined || user === 0 || user === this.#ownUser;
  }

  /**
   * Reads the table of sockets. A read that has begun may already have passed the caller's entry, so callers that come
   * meanwhile share the next read. Many nodes that connect at once cause only a few reads.
   */
  #sockets(): Promise<string | undefined> {
    this.#next ??= (this.#running ?? Promise.resolve(undefined)).then(() => {
      const reading = this.#read();
      this.#running = reading;
      this.#next = undefined;
      return reading;
    });
    return this.#next;
  }

  async #read(): Promise<string | undefined> {
    const tables = await Promise.all(
      ['tcp', 'tcp6'].map((name) => readFile(`${this.#folder}/${name}`, 'latin1').catch(() => undefined)),
    );
    return tables.every((table) => table === undefined) ? undefined : tables.join('\n');
  }
}

type End = readonly [address: string, port: number];

/**
 * The owner of the socket between two ends. Pure.
 * @param table the text of /proc/net/tcp and tcp6
 * @returns undefined where there is no such socket
 */
export function userOf(table: string, from: End, to: End): number | undefined {
  for (const mapped of [false, true]) {
    const at = table.indexOf(` ${inKernelForm(from, mapped)} ${inKernelForm(to, mapped)} `);
    if (at < 0) continue;
    // The fields after the ends: state, queues, timer, retransmits, then the user.
    const [, , , , , , user] = table.slice(at + 1, table.indexOf('\n', at)).split(/ +/);
    return user === undefined ? undefined : Number(user);
  }
  return undefined;
}

/** `0100007F:1F90`: each 32 bits are in the machine's byte order, which is little-endian wherever Node runs. */
function inKernelForm([address, port]: End, mapped: boolean): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  const bytes = plain.includes(':') ? ipv6Bytes(plain) : ipv4Bytes(plain, mapped);
  const words = [];
  for (let start = 0; start < bytes.length; start += 4) words.push(...bytes.slice(start, start + 4).reverse());
  const hex = words.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

/** @param mapped for an IPv6 socket that is connected to an IPv4 address */
function ipv4Bytes(address: string, mapped: boolean): number[] {
  const bytes = address.split('.').map(Number);
  return mapped ? [...Array<number>(10).fill(0), 0xff, 0xff, ...bytes] : bytes;
}

function ipv6Bytes(address: string): number[] {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail ?? '').length;
  return [...groups(head), ...Array<string>(Math.max(0, missing)).fill('0'), ...groups(tail ?? '')].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** A link-local address comes with the interface that it is of, `fe80::1%eth0`. The kernel's lists have it without. */
export function withoutZone(address: string | undefined): string | undefined {
  return address?.split('%')[0];
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);
}

/** Whether an address is this machine's: loopback, or one of its own. @param own without zones */
export function isAmong(own: readonly string[], address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d)/i, '');
  return plain === '::1' || plain.startsWith('127.') || own.includes(plain);
}
