/** Run Command beside AWS's API: a command watched, its output whole, and what one would do. */
import type { Role } from '../../../core/caller.ts';
import { ValidationException } from '../../../core/errors.ts';
import type { Extensions } from '../../../core/extensions.ts';
import type { SsmInput } from '../../../core/operations.ts';
import { previewCommand } from './preview-command.ts';
import { watchCommand } from './watch-command.ts';
import { listOutput, openOutput } from './whole-output.ts';

/** Whoever may read an invocation by GetCommandInvocation. */
const readers: readonly Role[] = ['admin', 'operator', 'viewer'];

/** Seconds: what load balancers and Lambda functions allow. */
const longestWait = 20;

export const extensions: Extensions = {
  /** The input of SendCommand in, {@link Preview} out. */
  'POST /x/commands/preview': {
    roles: readers,
    readOnly: true,
    inputOf: 'SendCommand',
    run: async ({ body }, context) => previewCommand(body as SsmInput<'SendCommand'>, context),
  },

  /** `{ "SeenCommand", "Seen": { node: mark }, "WaitSeconds" }` in, {@link Watched} out. */
  'POST /x/commands/{commandId}/watch': {
    roles: readers,
    readOnly: true,
    run: async ({ path: { commandId = '' }, body }, context) => {
      const {
        Seen: seen = {},
        SeenCommand: seenCommand = '',
        WaitSeconds: wait = 0,
      } = (body ?? {}) as { readonly Seen?: unknown; readonly SeenCommand?: unknown; readonly WaitSeconds?: unknown };
      if (typeof seen !== 'object' || seen === null || typeof seenCommand !== 'string')
        throw new ValidationException('Seen must be an object of marks by node, SeenCommand a mark.');
      if (typeof wait !== 'number' || !(wait >= 0 && wait <= longestWait))
        throw new ValidationException(`WaitSeconds must be a number from 0 to ${longestWait}.`);
      return watchCommand(
        commandId,
        { seen: seen as Readonly<Record<string, string>>, seenCommand, wait: wait * 1000 },
        context,
      );
    },
  },

  /** `{ "Steps": [{ Name, State, ResponseCode, StandardOutput: { Bytes, Whole }, StandardError }] }` */
  'GET /x/commands/{commandId}/nodes/{nodeId}/output': {
    roles: readers,
    run: async ({ path: { commandId = '', nodeId = '' } }, context) => ({
      Steps: await listOutput(commandId, nodeId, context),
    }),
  },

  /** The bytes of `stdout` or `stderr`; the header x-flotilla-whole says whether they are all. */
  'GET /x/commands/{commandId}/nodes/{nodeId}/output/{step}/{stream}': {
    roles: readers,
    run: async ({ path: { commandId = '', nodeId = '', step = '', stream = '' } }, context) => {
      if (stream !== 'stdout' && stream !== 'stderr')
        throw new ValidationException('The stream must be stdout or stderr.');
      return openOutput(commandId, nodeId, step, stream, context);
    },
  },
};
