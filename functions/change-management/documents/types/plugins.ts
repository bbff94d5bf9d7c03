/** The platforms and required inputs of each plugin of Command and Policy documents. Pure. */

export type Platform = 'Windows' | 'Linux' | 'MacOS';
export const platforms: readonly Platform[] = ['Windows', 'Linux', 'MacOS'];

export interface Plugin {
  readonly platforms: readonly Platform[];
  /** Required inputs; agents read their names in any case. */
  readonly required: readonly string[];
}

const everywhere = platforms;
const unix: readonly Platform[] = ['Linux', 'MacOS'];
const windows: readonly Platform[] = ['Windows'];
const notMac: readonly Platform[] = ['Windows', 'Linux'];

export const plugins: ReadonlyMap<string, Plugin> = new Map(
  Object.entries({
    'aws:applications': { platforms: windows, required: ['action', 'source'] },
    'aws:cloudWatch': { platforms: windows, required: [] },
    'aws:configureDaemon': { platforms: windows, required: [] },
    'aws:configureDocker': { platforms: notMac, required: ['action'] },
    'aws:configurePackage': { platforms: notMac, required: ['name', 'action'] },
    'aws:domainJoin': { platforms: notMac, required: ['directoryId', 'directoryName'] },
    'aws:downloadContent': { platforms: everywhere, required: ['sourceType', 'sourceInfo'] },
    'aws:psModule': { platforms: windows, required: [] },
    'aws:refreshAssociation': { platforms: everywhere, required: [] },
    'aws:runDockerAction': { platforms: notMac, required: ['action'] },
    'aws:runDocument': { platforms: everywhere, required: ['documentType'] },
    'aws:runPowerShellScript': { platforms: everywhere, required: ['runCommand'] },
    'aws:runShellScript': { platforms: unix, required: ['runCommand'] },
    'aws:softwareInventory': { platforms: everywhere, required: [] },
    'aws:updateAgent': { platforms: windows, required: [] },
    'aws:updateSsmAgent': { platforms: everywhere, required: ['agentName'] },
  }),
);
