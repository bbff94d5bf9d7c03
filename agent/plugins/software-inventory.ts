/** aws:softwareInventory: gathers what is asked for and uploads what has changed. */
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { applications } from '../inventory/applications.ts';
import { customInventory } from '../inventory/custom.ts';
import { detailedInformation } from '../inventory/detailed-information.ts';
import { files } from '../inventory/files.ts';
import type { InventoryItem } from '../inventory/item.ts';
import { network } from '../inventory/network.ts';
import { services } from '../inventory/services.ts';
import { ServiceError } from '../http-client.ts';
import { failed, textInput, type Inputs, type Plugin, type PluginContext } from '../plugin.ts';

/** By the input that switches it on. What only Windows has gathers nothing here. */
const gatherers: Readonly<Record<string, (inputs: Inputs, context: PluginContext) => Promise<InventoryItem[]>>> = {
  applications: async () => [await applications()],
  awsComponents: async () => [{ TypeName: 'AWS:AWSComponent', SchemaVersion: '1.0', Content: [] }],
  networkConfig: async () => [await network()],
  instanceDetailedInformation: async () => [detailedInformation()],
  services: async () => [await services()],
  customInventory: async (inputs, context) => customInventory(textInput(inputs, 'customInventoryDirectory') || context.agent.customInventoryFolder),
};

/** What the service answers to a hash it does not have: the content is wanted. */
const wantsContent = ['ItemContentMismatchException', 'InvalidItemContentException'];

export const softwareInventory: Plugin = async (inputs, context) => {
  if (context.associationId === undefined) return failed('The aws:softwareInventory plugin can only be invoked via ssm-associate');
  const items: InventoryItem[] = [];
  for (const [name, gather] of Object.entries(gatherers)) if (textInput(inputs, name) === 'Enabled') items.push(...(await gather(inputs, context)));
  const filter = textInput(inputs, 'files');
  if (filter !== '') items.push(await files(filter));
  const sent = await upload(items, context);
  appendFileSync(context.stdoutFile, `Inventory: ${items.map((item) => `${item.TypeName} ${item.Content.length}`).join(', ') || 'nothing asked for'}; ${sent} of ${items.length} changed\n`);
  return { status: 'Success', code: 0 };
};

/** @returns how many items were sent with their content */
async function upload(items: readonly InventoryItem[], context: PluginContext): Promise<number> {
  if (items.length === 0) return 0;
  const CaptureTime = `${new Date().toISOString().slice(0, 19)}Z`;
  const { inventoryHashes: known } = context.agent;
  const full = items.map((item) => ({ ...item, CaptureTime, ContentHash: contentHash(item) }));
  const changed = full.filter((item) => known.get(item.TypeName) !== item.ContentHash);
  const optimistic = full.map((item) => (changed.includes(item) ? item : { ...item, Content: undefined }));
  let sent = changed.length;
  try {
    await put(optimistic, context);
  } catch (error) {
    if (!(error instanceof ServiceError) || !wantsContent.includes(error.code) || changed.length === full.length) throw error;
    await put(full, context);
    sent = full.length;
  }
  for (const item of full) known.set(item.TypeName, item.ContentHash);
  return sent;
}

async function put(items: readonly object[], context: PluginContext): Promise<void> {
  await context.service.call('ssm', 'PutInventory', { InstanceId: context.service.registration.nodeId, Items: items });
}

/** Base64 of the MD5 of the content's JSON: amazon-ssm-agent's. */
function contentHash(item: InventoryItem): string {
  return createHash('md5').update(JSON.stringify(item.Content)).digest('base64');
}
