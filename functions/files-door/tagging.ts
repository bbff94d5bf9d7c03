/** Tags of objects. */
import { headerToText } from '../../core/http.ts';
import type { Answer } from './answer.ts';
import { readText } from './body.ts';
import { malformedXml, noSuchKey, S3Error } from './errors.ts';
import { versionHeader } from './object-headers.ts';
import type { DoorContext, S3Request } from './s3-request.ts';
import { childrenOf, readXml, textOf } from './xml-reader.ts';
import { document } from './xml.ts';

type Tags = Readonly<Record<string, string>>;

const mostTags = 10;

export async function getObjectTagging(request: S3Request, { files }: DoorContext): Promise<Answer> {
  const info = await files.head(request.bucket, request.key, request.version);
  if (info === undefined) throw noSuchKey();
  const Tag = Object.entries(info.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
  return { status: 200, headers: versionHeader(info), xml: document('Tagging', { TagSet: { Tag } }) };
}

export async function putObjectTagging(request: S3Request, context: DoorContext): Promise<Answer> {
  const root = readXml(await readText(request));
  const set = root.name === 'Tagging' ? childrenOf(root, 'TagSet')[0] : undefined;
  if (set === undefined) throw malformedXml();
  const pairs = childrenOf(set, 'Tag').map((tag): [string, string] => {
    const key = textOf(tag, 'Key');
    const value = textOf(tag, 'Value');
    if (key === undefined || value === undefined) throw malformedXml();
    return [key, value];
  });
  return setTags(request, context, checkedTags(pairs), 200);
}

export function deleteObjectTagging(request: S3Request, context: DoorContext): Promise<Answer> {
  return setTags(request, context, {}, 204);
}

async function setTags(request: S3Request, { files }: DoorContext, tags: Tags, status: number): Promise<Answer> {
  if (!(await files.setTags(request.bucket, request.key, tags, request.version))) throw noSuchKey();
  return { status, headers: {} };
}

/** Parses `x-amz-tagging`: `a=1&b=2`. @throws S3Error InvalidArgument, InvalidTag */
export function tagsOfHeader(header: string): Tags {
  return checkedTags([...new URLSearchParams(headerToText(header))]);
}

function checkedTags(pairs: readonly (readonly [string, string])[]): Tags {
  if (pairs.length > mostTags) throw new S3Error('BadRequest', 400, `Object tags cannot be greater than ${mostTags}`);
  const tags = new Map(pairs);
  if (tags.size < pairs.length) throw new S3Error('InvalidTag', 400, 'Cannot provide multiple Tags with the same key');
  for (const [key, value] of tags) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key))
      throw new S3Error('InvalidTag', 400, 'The TagKey you have provided is invalid');
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value))
      throw new S3Error('InvalidTag', 400, 'The TagValue you have provided is invalid');
  }
  return Object.fromEntries(tags);
}
