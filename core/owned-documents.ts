/**
 * Documents with AWS's own names. The text is ours: YAML in the room that owns the document. functions/registry.ts
 * joins them, and the documents room gets them through the Context.
 */

export interface OwnedDocument {
  /** `AWS-RunShellScript` */
  readonly name: string;
  readonly documentType: 'Command' | 'Policy';
  /** The YAML file. A Lambda bundle has it in `documents/`. */
  readonly file: URL;
  /** When this text was written, in epoch milliseconds. */
  readonly createdAt: number;
  /** The service reads this document's output: it is stored in the service's own bucket. */
  readonly collects?: true;
}

/**
 * An entry of a room's table of documents.
 * @param name AWS's name for the document; its file is `documents/<name>.yaml` beside the table
 * @param room the table's `import.meta.url`
 * @param written ISO date of the text
 * @example ownedDocument('AWS-RunShellScript', import.meta.url, '2026-01-02')
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
