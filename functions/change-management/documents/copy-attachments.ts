/**
 * Copies the files of a new version into the service's own bucket, and makes the version active once each file is as
 * the document says. Safe to repeat: copied files stay, and a file that is copied twice is the same. A call near its
 * deadline records what it has copied and leaves the rest to the next call.
 */
import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import type { Context } from '../../../core/context.ts';
import { isOver } from '../../../core/deadline.ts';
import { FileAccessDenied, NoSuchBucket } from '../../../core/files.ts';
import { ConditionFailed, type Put } from '../../../core/state.ts';
import { finishTimer, scheduleTimer, unfinished, type TimerHandler } from '../../../core/timers.ts';
import { attachmentKey } from './attachments.ts';
import { mostAttachments, type AttachmentSource } from './attachment-sources.ts';
import { resolveDocument } from './resolve-document.ts';
import { readingOf } from './schema.ts';
import { versionKey, type AttachmentItem, type VersionItem } from './store.ts';
import { declaredFiles } from './types/attached-files.ts';

export const copyKind = 'copy-attachments';

/** Due immediately. */
export function copyTimer(id: string, version: number, context: Context): Put {
  return scheduleTimer({
    id: `${copyKind}#${id}#${version}`,
    kind: copyKind,
    key: `${id}#${version}`,
    due: context.clock.now(),
    payload: {},
  });
}

/** The attachments are wrong, so the version will never be active. */
class Unusable extends Error {}

interface File {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
}

export const handleCopy: TimerHandler = async (timer, context) => {
  const [id = '', number = ''] = timer.key.split('#');
  const key = versionKey(id, Number(number));
  const row = await context.state.get<VersionItem>(key);
  if (row === undefined || row.body.status !== 'Creating') return;
  const outcome = await copyAll(timer.key, row.body, context);
  const isLeft = outcome.status === 'Creating';
  try {
    await context.state.transact([
      { update: key, set: outcome, when: { version: row.version } },
      ...(isLeft ? [] : [finishTimer(timer)]),
    ]);
  } catch (error) {
    // The version was deleted, or another worker has finished it.
    if (!(error instanceof ConditionFailed)) throw error;
    return;
  }
  return isLeft ? unfinished : undefined;
};

type Outcome = Pick<VersionItem, 'status' | 'statusInformation' | 'attachments' | 'copied' | 'byAdmin'>;

async function copyAll(pin: string, item: VersionItem, context: Context): Promise<Outcome> {
  try {
    const declared = declaredFiles(readingOf(item.text, item.format, item.documentType).content);
    const copied = [...(item.copied ?? [])];
    const left = (await filesOf(item.sources ?? [], declared, context)).filter(
      ({ name }) => !copied.some((one) => one.name === name),
    );
    for (const [index, file] of left.entries()) {
      // Each call copies at least one file, however late it is; otherwise a slow call could repeat for ever.
      if (index > 0 && isOver(context)) return { status: 'Creating', copied };
      copied.push(await copy(pin, file, declared.get(file.name), context));
    }
    const byAdmin = item.byAdmin === true && copied.every((one) => one.byAdmin === true);
    return { status: 'Active', attachments: copied, copied: undefined, byAdmin };
  } catch (error) {
    if (error instanceof Unusable) return { status: 'Failed', statusInformation: error.message };
    throw error;
  }
}

/** The files of the sources. Where the document declares files, exactly those. */
async function filesOf(
  sources: readonly AttachmentSource[],
  declared: ReadonlyMap<string, string>,
  context: Context,
): Promise<File[]> {
  const files = new Map<string, File>();
  for (const source of sources)
    for (const file of await filesOfSource(source, declared, context)) files.set(file.name, file);
  if (files.size > mostAttachments)
    throw new Unusable(`A document has at most ${mostAttachments} attachments; these are ${files.size}.`);
  for (const name of declared.keys())
    if (!files.has(name)) throw new Unusable(`The file ${name} is named in the document and not attached.`);
  if (declared.size > 0)
    for (const name of files.keys())
      if (!declared.has(name)) throw new Unusable(`The file ${name} is attached and not named in the document.`);
  return [...files.values()];
}

async function filesOfSource(
  source: AttachmentSource,
  declared: ReadonlyMap<string, string>,
  context: Context,
): Promise<File[]> {
  switch (source.kind) {
    case 'object':
      return [source];
    case 'folder': {
      const { bucket, prefix } = source;
      if (declared.size > 0) return [...declared.keys()].map((name) => ({ name, bucket, key: `${prefix}${name}` }));
      const { files } = await found(bucket, () =>
        context.files.list(bucket, { prefix, delimiter: '/', limit: mostAttachments + 1 }),
      );
      return files
        .filter(({ key }) => key !== prefix)
        .map(({ key }) => ({ name: key.slice(prefix.length), bucket, key }));
    }
    case 'reference': {
      const { document, version, name } = source;
      const { pin, attachments } = await resolveDocument(context, document, version).catch(() => {
        throw new Unusable(`There is no version ${version} of document ${document}.`);
      });
      if (!attachments.some((attachment) => attachment.name === name))
        throw new Unusable(`Version ${version} of document ${document} has no attachment ${name}.`);
      return [{ name, bucket: context.serviceBucket, key: attachmentKey(pin, name) }];
    }
  }
}

async function copy(
  pin: string,
  { name, bucket, key }: File,
  expected: string | undefined,
  context: Context,
): Promise<AttachmentItem> {
  const source = await found(bucket, () => context.files.get(bucket, key));
  if (source === undefined) throw new Unusable(`The file ${name} is not at s3://${bucket}/${key}.`);
  const sum = createHash('sha256');
  const summed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum.update(chunk);
      done(null, chunk);
    },
  });
  source.body.once('error', (error) => summed.destroy(error));
  const { byAdmin = false } = source.info;
  const { size } = await context.files.put(context.serviceBucket, attachmentKey(pin, name), source.body.pipe(summed), {
    byAdmin,
  });
  const hash = sum.digest('hex');
  if (expected !== undefined && hash !== expected)
    throw new Unusable(`The SHA-256 of ${name} is ${hash}, not ${expected} as the document says.`);
  return { name, size, hash, byAdmin };
}

async function found<T>(bucket: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NoSuchBucket) throw new Unusable(`There is no bucket ${bucket}.`);
    if (error instanceof FileAccessDenied) throw new Unusable(`Flotilla may not read the bucket ${bucket}.`);
    throw error;
  }
}
