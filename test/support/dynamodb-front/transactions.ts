/** TransactWriteItems and TransactGetItems over dynalite: what their input must be, and what cancels them. */
import type { Item } from '../../../aws/attribute-values.ts';
import { invalid, Refusal, sizeOf, type Dynalite, type Effect, type Input, type Table } from './dynalite.ts';
import { checkNesting } from './nesting.ts';

const mostItems = 100;
const mostBytes = 4 * 1024 * 1024;

/** One entry of a transaction. */
export interface Entry {
  readonly kind: 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
  /** Checked. */
  readonly input: Input;
  /** Names the item. */
  readonly name: string;
  readonly returnsItem: boolean;
}

/** Why an entry cancels its transaction. */
export interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

const operations = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'DeleteItem',
} as const;

export function nameOf(table: Table, attributes: unknown): string {
  const values = table.KeySchema.map(({ AttributeName }) => (attributes as Item)[AttributeName]);
  return JSON.stringify([table.TableName, values]);
}

/** @throws Refusal for a transaction that is wrong whatever the table holds */
export async function readEntries(dynalite: Dynalite, transactItems: unknown): Promise<Entry[]> {
  const items = Array.isArray(transactItems) ? (transactItems as Record<string, Input>[]) : [];
  if (items.length === 0 || items.length > mostItems)
    throw invalid(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length ${items.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${mostItems}`}`,
    );
  const entries = await Promise.all(items.map((item) => readEntry(dynalite, item)));
  if (new Set(entries.map(({ name }) => name)).size < entries.length)
    throw invalid('Transaction request cannot include multiple operations on one item');
  return entries;
}

async function readEntry(dynalite: Dynalite, item: Record<string, Input>): Promise<Entry> {
  const [kind, ...others] = Object.keys(item).filter((name) => item[name] !== undefined) as Entry['kind'][];
  if (kind === undefined || others.length > 0 || operations[kind] === undefined)
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  const input = item[kind]!;
  if (kind === 'ConditionCheck' && input['ConditionExpression'] === undefined)
    throw invalid('The ConditionExpression of a ConditionCheck must not be null');
  checkNesting(input['Item'] as Input);
  checkNesting(input['ExpressionAttributeValues'] as Input);
  const checked = dynalite.check(operations[kind], input);
  const table = await dynalite.table(String(checked['TableName']));
  return {
    kind,
    input: checked,
    name: nameOf(table, checked['Item'] ?? checked['Key']),
    returnsItem: input['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD',
  };
}

/** What the entries would do. @throws Refusal with a reason for each, when one of them cannot */
export async function effectsOf(dynalite: Dynalite, entries: readonly Entry[]): Promise<Effect[]> {
  const effects: Effect[] = [];
  const reasons: Reason[] = [];
  for (const { kind, input, returnsItem } of entries) {
    try {
      effects.push(
        kind === 'ConditionCheck'
          ? await dynalite.checkCondition(input)
          : await dynalite.effect(operations[kind], input),
      );
      reasons.push({ Code: 'None' });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { item } = error as Refusal & { readonly item?: Item };
      const failed = error.code === 'ConditionalCheckFailedException';
      reasons.push({
        Code: failed ? 'ConditionalCheckFailed' : 'ValidationError',
        Message: error.message,
        ...(failed && returnsItem && item !== undefined ? { Item: item } : {}),
      });
    }
  }
  if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
  const bytes = effects.reduce((sum, effect) => sum + (effect.item === undefined ? 0 : sizeOf(effect.item)), 0);
  if (bytes > mostBytes) throw invalid('Collection size of items in a transaction exceeded the limit of 4 MB');
  return effects;
}

/** @param reasons one for each entry */
export function cancelled(reasons: readonly Reason[]): Refusal {
  return new Refusal(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    { CancellationReasons: reasons },
  );
}
