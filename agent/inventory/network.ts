/** AWS:Network: one entry for each interface. */
import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { outputOf } from './command.ts';
import type { InventoryItem } from './item.ts';

export async function network(): Promise<InventoryItem> {
  const gateways = parseRoutes((await outputOf('ip', ['route', 'show', 'default'])) ?? '');
  const dns = existsSync('/etc/resolv.conf') ? nameServers(readFileSync('/etc/resolv.conf', 'utf8')) : '';
  const Content = Object.entries(networkInterfaces()).flatMap(([Name, addresses = []]) => {
    if (addresses.every((address) => address.internal)) return [];
    const of = (family: string) => addresses.filter((address) => address.family === family);
    return [
      {
        Name,
        SubnetMask: of('IPv4')[0]?.netmask ?? '',
        Gateway: gateways.get(Name) ?? '',
        DHCPServer: '',
        DNSServer: dns,
        MacAddress: addresses[0]?.mac.toUpperCase() ?? '',
        IPV4: of('IPv4')
          .map((address) => address.address)
          .join(','),
        IPV6: of('IPv6')
          .map((address) => address.address)
          .join(','),
      },
    ];
  });
  return { TypeName: 'AWS:Network', SchemaVersion: '1.0', Content };
}

/** `default via 192.0.2.1 dev eth0 …`, by device. */
export function parseRoutes(output: string): Map<string, string> {
  return new Map(
    [...output.matchAll(/^default via (\S+) dev (\S+)/gm)].map(([, gateway, device]) => [device!, gateway!]),
  );
}

export function nameServers(resolvConf: string): string {
  return [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, server]) => server!).join(',');
}
