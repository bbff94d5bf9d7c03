/** Works on several items at the same time. Their writes can then share a commit. */

/**
 * Takes items as they come and works on at most `most` of them at the same time.
 * @throws the first error of `work`, after the work that had begun has ended
 * @example await manyAtOnce(nodes, 32, (node) => deliver(node, context));
 */
export async function manyAtOnce<T>(
  items: AsyncIterable<T> | Iterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const item of items) {
    const one: Promise<void> = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(one));
    underWay.add(one);
    if (underWay.size >= most) await Promise.race(underWay);
    if (failures.length > 0) break;
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
}
