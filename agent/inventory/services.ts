/** AWS:Service: the services of systemd, where it runs. */
import { existsSync } from 'node:fs';
import { outputOf } from './command.ts';
import type { InventoryItem } from './item.ts';

export async function services(): Promise<InventoryItem> {
  // systemctl is useful only where systemd is the first process.
  const Content = existsSync('/run/systemd/system') ? await systemdServices() : [];
  return { TypeName: 'AWS:Service', SchemaVersion: '1.0', Content };
}

async function systemdServices(): Promise<Record<string, string>[]> {
  const units =
    (await outputOf('systemctl', ['list-units', '--type=service', '--all', '--plain', '--no-legend', '--full'])) ?? '';
  const files =
    (await outputOf('systemctl', ['list-unit-files', '--type=service', '--plain', '--no-legend', '--full'])) ?? '';
  return parseServices(units, files);
}

export function parseServices(units: string, files: string): Record<string, string>[] {
  const startTypes = new Map(
    [...files.matchAll(/^(\S+)\.service\s+(\S+)/gm)].map(([, name, state]) => [name!, state!]),
  );
  return [...units.matchAll(/^(\S+)\.service\s+(\S+)\s+(\S+)\s+(\S+)\s+(.*)$/gm)].flatMap(
    ([, Name, load, active, , DisplayName]) =>
      load === 'not-found'
        ? []
        : [
            {
              Name: Name!,
              DisplayName: DisplayName!.trim(),
              ServiceType: 'service',
              Status: active!,
              DependentServices: '',
              ServicesDependedOn: '',
              StartType: startTypes.get(Name!) ?? '',
            },
          ],
  );
}
