/** A node's items of a type, reported or generated. */
import type { Context } from '../../../core/context.ts';
import type { Node } from '../../nodes/index.ts';
import { generatedItem } from './generated-items.ts';
import type { Item } from './item.ts';
import { readItems } from './store.ts';

/** A node's items of one type: none when it never reported the type, several where there are sub-types. */
export async function itemsOf(context: Context, node: Node, typeName: string): Promise<readonly Item[]> {
  const generated = generatedItem(node, typeName);
  return generated === undefined ? readItems(context.state, node.id, typeName) : [generated];
}
