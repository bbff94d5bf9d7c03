/** aws:softwareInventory: collects the requested types and uploads those that have changed. */
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { applications } from '../inventory/applications.ts';
import { customInventory } from '../inventory/custom.ts';
import { detailedInformation } from '../inventory/detailed-information.ts';
import { files } from '../inventory/files.ts';
import type { InventoryItem } from '../inventory/item.ts';
import { network } from '../inventory/network.ts';
import { services } from '../inventory/services.ts';
import { ServiceError } from '../../core/http-client.ts';
import { failed, textInput, type Inputs, type Plugin, type PluginContext } from '../plugin.ts';

/** By the input that enables them. Types that only Windows has are empty here. */
const gatherers: Readonly<Record<string, (inputs: Inputs, context: PluginContext) => Promise<InventoryItem[]>>> = {
  applications: async () => [await applications()],
  awsComponents: async () => [{ TypeName: 'AWS:AWSComponent', SchemaVersion: '1.0', Content: [] }],
  networkConfig: async () => [await network()],
  instanceDetailedInformation: async () => [detailedInformation()],
  services: async () => [await services()],
  customInventory: async (inputs, context) =>
    customInventory(textInput(inputs, 'customInventoryDirectory') || context.agent.customInventoryFolder),
};

/** The service's answers to an unknown hash: it needs the content. */
const wantsContent = ['ItemContentMismatchException', 'InvalidItemContentException'];

export const softwareInventory: Plugin = async (inputs, context) => {
  if (context.associationId === undefined)
    return failed('The aws:softwareInventory plugin can only be invoked via ssm-associate');
  const items: InventoryItem[] = [];
  for (const [name, gather] of Object.entries(gatherers))
    if (textInput(inputs, name) === 'Enabled') items.push(...(await gather(inputs, context)));
  const filter = textInput(inputs, 'files');
  if (filter !== '') items.push(await files(filter));
  const sent = await upload(items, context);
  appendFileSync(
    context.stdoutFile,
    `Inventory: ${items.map((item) => `${item.TypeName} ${item.Content.length}`).join(', ') || 'nothing asked for'}; ${sent} of ${items.length} changed\n`,
  );
  return { status: 'Success', code: 0 };
};

/** @returns how many items were sent with their content */
async function upload(items: readonly InventoryItem[], context: PluginContext): Promise<number> {
  const CaptureTime = `${new Date().toISOString().slice(0, 19)}Z`;
  const { inventoryHashes: known } = context.agent;
  const full = items.map(slim).map((item) => ({ ...item, CaptureTime, ContentHash: contentHash(item) }));
  let sent = 0;
  for (const call of calls(full)) {
    const changed = call.filter((item) => known.get(item.TypeName) !== item.ContentHash);
    try {
      await put(
        call.map((item) => (changed.includes(item) ? item : { ...item, Content: undefined })),
        context,
      );
      sent += changed.length;
    } catch (error) {
      if (!(error instanceof ServiceError) || !wantsContent.includes(error.code) || changed.length === call.length)
        throw error;
      await put(call, context);
      sent += call.length;
    }
    for (const item of call) known.set(item.TypeName, item.ContentHash);
  }
  return sent;
}

/** Bytes: the service accepts 1 MB for an item and for a call. The JSON around the items is small in comparison. */
const largest = 1_000_000;
/** Attributes that may be left out when there are thousands of packages, the least important first. */
const dispensable = ['Summary', 'URL', 'Publisher'];

/** Removes the longest attributes of an item that is too large, so that the collection does not fail. */
export function slim(item: InventoryItem): InventoryItem {
  let Content = item.Content;
  for (const attribute of dispensable) {
    if (sizeOf(Content) <= largest) break;
    Content = Content.map((entry) => (attribute in entry ? { ...entry, [attribute]: '' } : entry));
  }
  return { ...item, Content };
}

/** Splits items into calls that are small enough, in their order. */
export function calls<T extends InventoryItem>(items: readonly T[]): T[][] {
  const grouped: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item.Content);
    if (grouped.length === 0 || size > room) {
      grouped.push([]);
      room = largest;
    }
    grouped.at(-1)!.push(item);
    room -= size;
  }
  return grouped;
}

function sizeOf(content: InventoryItem['Content']): number {
  return Buffer.byteLength(JSON.stringify(content));
}

async function put(items: readonly object[], context: PluginContext): Promise<void> {
  await context.service.call('ssm', 'PutInventory', { InstanceId: context.service.registration.nodeId, Items: items });
}

/** Base64 of the MD5 of the content's JSON, as in amazon-ssm-agent. */
function contentHash(item: InventoryItem): string {
  return createHash('md5').update(JSON.stringify(item.Content)).digest('base64');
}
