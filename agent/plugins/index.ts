/** The plugins of this agent, by the action that documents name. */
import type { Plugin } from '../plugin.ts';
import { downloadContent } from './download-content.ts';
import { refreshAssociation } from './refresh-association.ts';
import { runDocument } from './run-document.ts';
import { runPowerShellScript, runShellScript } from './run-script.ts';
import { softwareInventory } from './software-inventory.ts';

export const plugins: Readonly<Record<string, Plugin>> = {
  'aws:downloadContent': downloadContent,
  'aws:refreshAssociation': refreshAssociation,
  'aws:runDocument': runDocument,
  'aws:runPowerShellScript': runPowerShellScript,
  'aws:runShellScript': runShellScript,
  'aws:softwareInventory': softwareInventory,
};
