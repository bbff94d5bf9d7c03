/**
 * `/x/parameter-grants`: the paths below which nodes may decrypt. Only for admins, because it decides who can read
 * secrets.
 */
import { ValidationException } from '../../../core/errors.ts';
import type { Extensions } from '../../../core/extensions.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { everyNode, grantKey, grantsPartition, type GrantItem } from './grants.ts';
import { checkPath } from './names.ts';

const pageSize = 100;
/** The limit for one node. */
const mostPaths = 50;
const purpose = 'parameter-grants';

export const extensions: Extensions = {
  /** `{ "Grants": [{ NodeId, Paths }], "NextToken"? }`, by node; `all` is every node. */
  'GET /x/parameter-grants': {
    roles: ['admin'],
    run: async ({ query }, context) => {
      const token = query.get('NextToken');
      const after = token === null ? undefined : (await decodeToken<{ after: string }>(context, token, purpose)).after;
      const { rows, next } = await context.state.query<GrantItem>({ pk: grantsPartition, limit: pageSize, after });
      return {
        Grants: rows.map(({ sk, body }) => ({ NodeId: sk, Paths: body.paths })),
        ...(next === undefined ? {} : { NextToken: await encodeToken(context, { after: next }, purpose) }),
      };
    },
  },
  /** `{ "Paths": ["/app/shared"] }` replaces the node's grants. */
  'PUT /x/parameter-grants/{node}': {
    roles: ['admin'],
    run: async ({ path: { node = '' }, body }, context) => {
      const item: GrantItem = { paths: pathsOf(body) };
      await context.state.write({ put: grantKey(checkNode(node)), body: item });
      return { NodeId: node, Paths: item.paths };
    },
  },
  'DELETE /x/parameter-grants/{node}': {
    roles: ['admin'],
    run: async ({ path: { node = '' } }, context) => {
      await context.state.write({ delete: grantKey(checkNode(node)) });
      return {};
    },
  },
};

function checkNode(node: string): string {
  if (node !== everyNode && !/^m?i-[0-9a-f]{8,17}$/.test(node))
    throw new ValidationException(`${node} is no node: give its id, or ${everyNode} for every node.`);
  return node;
}

function pathsOf(body: unknown): string[] {
  const paths = (body as { Paths?: unknown } | undefined)?.Paths;
  if (
    !Array.isArray(paths) ||
    paths.length === 0 ||
    paths.length > mostPaths ||
    !paths.every((path) => typeof path === 'string')
  )
    throw new ValidationException(`Paths must be a list of 1 to ${mostPaths} paths.`);
  return [...new Set(paths.map(checkPath))].sort();
}
