/** The common part of import, promote and import-from-aws: compare, show, and write if requested. */
import { Failed } from '../failed.ts';
import type { Client } from '../client.ts';
import { compareTrees, showDifferences } from './compare.ts';
import { makePlan, refuseIfAny, type PlanOptions } from './plan.ts';
import { carryOut } from './store.ts';
import type { Tree } from './tree.ts';

export interface Writing extends PlanOptions {
  readonly client: Client;
  /** The target's path, normalized. */
  readonly path: string;
  readonly target: Tree;
  /** What the target is to become. */
  readonly source: Tree;
  /** Only shows what would be written; the text says how to write it. */
  readonly preview?: string | undefined;
  /** Show secrets. */
  readonly decrypt: boolean;
}

/** @throws Failed when something could not be written */
export async function write({ client, path, target, source, preview, decrypt, ...options }: Writing): Promise<void> {
  const differences = compareTrees(target, source);
  const plan = makePlan(differences, options);
  const concerned = new Set([
    ...plan.writes.map(({ name }) => name),
    ...plan.deletes,
    ...plan.refused.map(({ name }) => name),
  ]);
  if (preview !== undefined) {
    for (const line of showDifferences(
      differences.filter(({ name }) => concerned.has(name)),
      { decrypt },
    ))
      console.log(line);
  }
  for (const { name, why } of plan.leftAlone) console.error(`${name} is left alone: ${why}`);
  refuseIfAny(plan);
  const todo = plan.writes.length + plan.deletes.length;
  if (todo === 0) console.error('nothing to do');
  else if (preview !== undefined) console.error(`${counted(todo, 'change')}; ${preview}`);
  if (todo === 0 || preview !== undefined) return;
  const { created, updated, deleted, failed } = await carryOut(client, path, plan, (line) => console.log(line));
  console.error(`${created} created, ${updated} updated, ${deleted} deleted`);
  if (failed.length > 0)
    throw new Failed(
      `${counted(failed.length, 'parameter')} could not be written\n${failed.map(({ name, why }) => `  ${name}: ${why}`).join('\n')}`,
    );
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
