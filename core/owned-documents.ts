/**
 * Documents under AWS's own names: our text, kept as YAML in the room that owns each, joined in
 * functions/registry.ts and handed to the documents room through the Context.
 */

export interface OwnedDocument {
  /** `AWS-RunShellScript` */
  readonly name: string;
  readonly documentType: 'Command' | 'Policy';
  /** The YAML; a bundle carries it in `documents/` beside itself. */
  readonly file: URL;
  /** Epoch milliseconds: when this text was written. */
  readonly createdAt: number;
  /** The service reads what this document puts out: its payload carries the service's own bucket. */
  readonly collects?: true;
}

/**
 * An entry of a room's table.
 * @param name AWS's name for it, and the name of the file: `documents/<name>.yaml` beside the table
 * @param room the table's `import.meta.url`
 * @param written ISO date of the text
 */
export function ownedDocument(
  name: string,
  room: string,
  written: string,
  more: Partial<Pick<OwnedDocument, 'documentType' | 'collects'>> = {},
): OwnedDocument {
  return {
    name,
    documentType: 'Command',
    file: new URL(`./documents/${name}.yaml`, room),
    createdAt: Date.parse(written),
    ...more,
  };
}
