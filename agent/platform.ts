/** What is reported about this machine. */
import { existsSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces, platform, release } from 'node:os';

export interface Platform {
  readonly platformType: 'Linux' | 'MacOS' | 'Windows';
  readonly platformName: string;
  readonly platformVersion: string;
  readonly computerName: string;
  readonly ipAddress: string;
}

export function describePlatform(): Platform {
  const system = platform();
  const distribution = osRelease();
  return {
    platformType: system === 'darwin' ? 'MacOS' : system === 'win32' ? 'Windows' : 'Linux',
    platformName: distribution.NAME ?? system,
    platformVersion: distribution.VERSION_ID ?? release(),
    computerName: hostname(),
    ipAddress: firstAddress(),
  };
}

/** /etc/os-release as a record; empty where there is none. */
export function osRelease(file = '/etc/os-release'): Readonly<Record<string, string>> {
  if (!existsSync(file)) return {};
  return Object.fromEntries(
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const match = /^([A-Z_]+)=(["']?)(.*)\2$/.exec(line);
        return match === null ? [] : [[match[1]!, match[3]!]];
      }),
  );
}

/** The first address that is not loopback; loopback where there is no other. */
function firstAddress(): string {
  for (const addresses of Object.values(networkInterfaces()))
    for (const address of addresses ?? []) if (!address.internal && address.family === 'IPv4') return address.address;
  return '127.0.0.1';
}
