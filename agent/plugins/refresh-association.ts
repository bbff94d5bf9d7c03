/** aws:refreshAssociation: look for associations that are due, now. */
import { appendFileSync } from 'node:fs';
import { linesInput, type Plugin } from '../plugin.ts';

export const refreshAssociation: Plugin = async (inputs, context) => {
  const ids = linesInput(inputs, 'associationIds').filter((id) => id !== '');
  context.agent.refreshAssociations(ids);
  appendFileSync(context.stdoutFile, ids.length === 0 ? 'Looking for associations that are due.\n' : `Looking for the associations ${ids.join(', ')}.\n`);
  return { status: 'Success', code: 0 };
};
