/**
 * Associations of a simulated node: each due one is reported as successful; an inventory has the requested number of
 * entries.
 */
import { createHash } from 'node:crypto';
import { isDue, type Association } from '../agent/associations.ts';
import type { ServiceClient } from '../agent/service-client.ts';

const gatherInventory = 'AWS-GatherSoftwareInventory';

/** @returns how many ran */
export async function runDueAssociations(service: ServiceClient, inventoryEntries: number): Promise<number> {
  const { nodeId } = service.registration;
  const { Associations = [] } = await service.call<{ Associations?: Association[] }>(
    'ssm',
    'ListInstanceAssociations',
    { InstanceId: nodeId, MaxResults: 20 },
  );
  const due = Associations.filter(isDue);
  for (const association of due) {
    const tell = (Status: string): Promise<object> =>
      service.call('ssm', 'UpdateInstanceAssociationStatus', {
        AssociationId: association.AssociationId,
        InstanceId: nodeId,
        ExecutionResult: {
          Status,
          ErrorCode: '',
          ExecutionDate: Date.now() / 1000,
          ExecutionSummary: '1 out of 1 plugin processed, 1 success, 0 failed, 0 timedout, 0 skipped. ',
        },
      });
    await tell('InProgress');
    if (association.Name === gatherInventory) await putInventory(service, inventoryEntries);
    await tell('Success');
  }
  return due.length;
}

async function putInventory(service: ServiceClient, entries: number): Promise<void> {
  const Content = Array.from({ length: entries }, (_, index) => ({
    Name: `package-${index}`,
    ApplicationType: 'misc',
    Publisher: 'simulated',
    Version: '1.0',
    Architecture: 'x86_64',
    PackageId: `package-${index}_1.0_amd64.deb`,
  }));
  await service.call('ssm', 'PutInventory', {
    InstanceId: service.registration.nodeId,
    Items: [
      {
        TypeName: 'AWS:Application',
        SchemaVersion: '1.1',
        CaptureTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
        ContentHash: createHash('md5').update(JSON.stringify(Content)).digest('base64'),
        Content,
      },
    ],
  });
}
