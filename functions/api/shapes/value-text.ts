/** A value as AWS's constraint messages show it: Java's way of printing. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value).map(([name, member]) => `${name}=${valueText(member)}`);
    return `{${members.join(', ')}}`;
  }
  return String(value);
}

/** `InstanceIds` → `instanceIds`: how paths name members. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
