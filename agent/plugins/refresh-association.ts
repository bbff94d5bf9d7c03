/** aws:refreshAssociation: runs associations now, the named ones or all of the node's. */
import { appendFileSync } from 'node:fs';
import { linesInput, type Plugin } from '../plugin.ts';

export const refreshAssociation: Plugin = async (inputs, context) => {
  const ids = linesInput(inputs, 'associationIds').filter((id) => id !== '');
  context.agent.refreshAssociations(ids.length === 0 ? 'all' : ids);
  appendFileSync(
    context.stdoutFile,
    ids.length === 0
      ? 'All associations of this node are applied.\n'
      : `The associations ${ids.join(', ')} are applied.\n`,
  );
  return { status: 'Success', code: 0 };
};
