/** Custom types: JSON files that other programs put into a folder. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isObject } from '../../core/documents/document.ts';
import type { InventoryItem } from './item.ts';

/** amazon-ssm-agent's limits. */
const limits = { types: 20, attributes: 50, name: 64, value: 4096 };

/** @throws Error for a file with another form: as with AWS's agent, the whole collection fails */
export function customInventory(folder: string): InventoryItem[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
  if (files.length > limits.types)
    throw new Error(`${folder} has ${files.length} custom inventory files; ${limits.types} are the most`);
  const items = files.map((file) => parseCustom(readFileSync(path.join(folder, file), 'utf8'), file));
  const names = items.map((item) => item.TypeName);
  if (new Set(names).size !== names.length) throw new Error(`two files in ${folder} have the same TypeName`);
  return items;
}

export function parseCustom(text: string, file: string): InventoryItem {
  const value: unknown = JSON.parse(text);
  if (
    !isObject(value) ||
    typeof value.TypeName !== 'string' ||
    !/^Custom:[A-Z]\w*$/.test(value.TypeName) ||
    value.TypeName.length > 100
  )
    throw new Error(`${file} has no TypeName of the form Custom:Name`);
  if (typeof value.SchemaVersion !== 'string' || !/^\d{1,6}\.\d{1,6}$/.test(value.SchemaVersion))
    throw new Error(`${file} has no SchemaVersion such as 1.0`);
  const entries = Array.isArray(value.Content) ? (value.Content as unknown[]) : [value.Content];
  return {
    TypeName: value.TypeName,
    SchemaVersion: value.SchemaVersion,
    Content: entries.map((entry) => attributes(entry, file)),
  };
}

function attributes(entry: unknown, file: string): Record<string, string> {
  if (!isObject(entry)) throw new Error(`the Content of ${file} is not a map or a list of maps`);
  const pairs = Object.entries(entry);
  if (pairs.length > limits.attributes)
    throw new Error(`an entry of ${file} has more than ${limits.attributes} attributes`);
  for (const [name, value] of pairs)
    if (typeof value !== 'string' || name.length > limits.name || value.length > limits.value)
      throw new Error(
        `the attribute ${name} of ${file} is not text, or longer than ${limits.name} (name) and ${limits.value} (value)`,
      );
  return entry as Record<string, string>;
}
