/**
 * Finds the user of a connection from this machine. Linux lists every socket with its owner in /proc/net, so the peer
 * itself is not asked. A container with its own network counts as another machine.
 */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout } from 'node:timers/promises';

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
  readonly #known = new WeakMap<object, Promise<boolean>>();
  #running: Promise<Sockets | undefined> | undefined;
  #next: Promise<Sockets | undefined> | undefined;
  /** Milliseconds that the last read took. */
  #lastRead = 0;

  constructor({ folder = '/proc/net', ownUser = process.getuid?.() }: PeerUsersOptions = {}) {
    this.#folder = folder;
    this.#ownUser = ownUser;
  }

  /**
   * Whether the peer is a process on this machine that runs as root or as the service's user. A local peer whose user
   * is unknown counts as one: systems other than Linux do not tell the user, and a connection may already be closed.
   */
  isPrivileged(socket: Connected): Promise<boolean> {
    let known = this.#known.get(socket);
    // A connection keeps its peer.
    if (known === undefined) this.#known.set(socket, (known = this.#findOut(socket)));
    return known;
  }

  async #findOut(socket: Connected): Promise<boolean> {
    const { remotePort, localPort } = socket;
    const remoteAddress = withoutZone(socket.remoteAddress);
    const localAddress = withoutZone(socket.localAddress);
    if (remoteAddress === undefined || localAddress === undefined) return true;
    if (!isAmong(ownAddresses(), remoteAddress)) return false;
    const sockets = await this.#sockets();
    const user =
      sockets === undefined
        ? undefined
        : userOf(sockets, [remoteAddress, remotePort ?? 0], [localAddress, localPort ?? 0]);
    return user === undefined || user === 0 || user === this.#ownUser;
  }

  /**
   * Reads the table of sockets. A read that has begun may already have passed the caller's entry, so callers that come
   * meanwhile share the next read. With ten thousand connections a read takes 50 ms of the only thread: between two of
   * them is a pause of four times as long.
   */
  #sockets(): Promise<Sockets | undefined> {
    this.#next ??= (this.#running ?? Promise.resolve(undefined))
      .then(() => setTimeout(Math.min(longestPause, 4 * this.#lastRead)))
      .then(() => {
        const reading = this.#read();
        this.#running = reading;
        this.#next = undefined;
        return reading;
      });
    return this.#next;
  }

  async #read(): Promise<Sockets | undefined> {
    const began = performance.now();
    const tables = await Promise.all(
      ['tcp', 'tcp6'].map((name) => readFile(`${this.#folder}/${name}`, 'latin1').catch(() => undefined)),
    );
    const sockets = tables.every((table) => table === undefined) ? undefined : socketsOf(tables.join('\n'));
    this.#lastRead = performance.now() - began;
    return sockets;
  }
}

/** Milliseconds between two reads, at the most. */
const longestPause = 500;

/** The user of each socket, by its two ends as the kernel writes them: `0100007F:D431 0100007F:216B`. */
export type Sockets = ReadonlyMap<string, number>;

/** Characters between the ends of a socket and its user: state, queues, timer and retransmits have fixed widths. */
const untilUser = 42;

/** @param table the text of /proc/net/tcp and tcp6 */
export function socketsOf(table: string): Sockets {
  const sockets = new Map<string, number>();
  for (const line of table.split('\n')) {
    const from = line.indexOf(': ') + 2;
    const between = line.indexOf(' ', from);
    const to = line.indexOf(' ', between + 1);
    if (from < 2 || to < 0) continue;
    const user = Number.parseInt(line.slice(to + untilUser, to + untilUser + 11), 10);
    if (!Number.isNaN(user)) sockets.set(line.slice(from, to), user);
  }
  return sockets;
}

type End = readonly [address: string, port: number];

/**
 * The owner of the socket between two ends. Pure.
 * @returns undefined where there is no such socket
 */
export function userOf(sockets: Sockets, from: End, to: End): number | undefined {
  return (
    sockets.get(`${inKernelForm(from, false)} ${inKernelForm(to, false)}`) ??
    sockets.get(`${inKernelForm(from, true)} ${inKernelForm(to, true)}`)
  );
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
