/** AWS:InstanceDetailedInformation: processor and kernel. */
import { existsSync, readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import type { InventoryItem } from './item.ts';

export function detailedInformation(): InventoryItem {
  const text = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  return {
    TypeName: 'AWS:InstanceDetailedInformation',
    SchemaVersion: '1.0',
    Content: [{ ...describeProcessors(text), KernelVersion: release(), OSServicePack: '' }],
  };
}

/** From /proc/cpuinfo; where it has nothing, from Node. */
export function describeProcessors(cpuinfo: string): Record<string, string> {
  const blocks = cpuinfo.split(/\n\n+/).filter((block) => /^processor\s*:/m.test(block));
  const field = (block: string, name: string): string | undefined =>
    new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(block)?.[1]?.trim();
  const known = cpus();
  const logical = blocks.length || known.length;
  const sockets = new Set(blocks.map((block) => field(block, 'physical id') ?? '0')).size || 1;
  const cores =
    new Set(
      blocks.map(
        (block) => `${field(block, 'physical id') ?? '0'}/${field(block, 'core id') ?? field(block, 'processor')}`,
      ),
    ).size || logical;
  return {
    CPUModel: field(blocks[0] ?? '', 'model name') ?? known[0]?.model ?? '',
    CPUCores: String(cores),
    CPUs: String(logical),
    CPUSpeedMHz: String(Math.round(Number(field(blocks[0] ?? '', 'cpu MHz') ?? known[0]?.speed ?? 0))),
    CPUSockets: String(sockets),
    CPUHyperThreadEnabled: String(logical > cores),
  };
}
