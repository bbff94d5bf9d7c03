/** Files that belong to a version of a document: where they are stored, and how the API shows them. */
import type { AttachmentContent } from '@aws-sdk/client-ssm';
import type { Context } from '../../../core/context.ts';
import type { ResolvedDocument } from './resolve-document.ts';
import type { AttachmentItem } from './store.ts';

/** Seconds: nodes ask for a new URL after it (spec: distributor.md §14). */
const urlLife = 900;

/** A prefix in the service's own bucket. @param version absent: of all versions */
export function attachmentPrefix(id: string, version?: number): string {
  return version === undefined ? `documents/${id}/` : `documents/${id}/${version}/`;
}

/** The key of a file. @param pin of its document: `<id>#<version>` */
export function attachmentKey(pin: string, name: string): string {
  const [id = '', version = ''] = pin.split('#');
  return `${attachmentPrefix(id, Number(version))}${name}`;
}

/** The files with URLs that are valid for a quarter of an hour. */
export function attachmentContents(
  context: Context,
  { pin, attachments }: Pick<ResolvedDocument, 'pin' | 'attachments'>,
): Promise<AttachmentContent[]> {
  return Promise.all(
    attachments.map(async ({ name, size, hash }: AttachmentItem) => ({
      Name: name,
      Size: size,
      Hash: hash,
      HashType: 'Sha256' as const,
      Url: await context.files.presign('GET', context.serviceBucket, attachmentKey(pin, name), urlLife),
    })),
  );
}
