/** CompleteMultipartUpload: the object becomes visible as a whole or not at all. */
import { createHash } from 'node:crypto';
import { isAdmin } from '../../core/admin-work.ts';
import type { Answer } from './answer.ts';
import { readText } from './body.ts';
import {
  algorithmOfHeader,
  checksumAlgorithms,
  checksumOfParts,
  checksumsNode,
  headerOf,
  newChecksum,
  type ChecksumAlgorithm,
} from './checksums.ts';
import { combinedCrc } from './combine-crc.ts';
import { badDigest, invalidRequest, malformedXml, noSuchUpload, S3Error } from './errors.ts';
import { versionHeader } from './object-headers.ts';
import { SourceGone, type ObjectStore } from './object-store.ts';
import { checkReplaced, writeConditionsOf } from './objects.ts';
import type { DoorContext, S3Request } from './s3-request.ts';
import { allParts, joinParts, readPart, removeUpload, uploadOf, type Part, type Upload } from './uploads.ts';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-reader.ts';
import { document } from './xml.ts';

/** The fewest bytes of every part but the last. */
const smallestPart = 5 * 1024 * 1024;

export async function completeUpload(request: S3Request, context: DoorContext): Promise<Answer> {
  const { bucket, key, headers } = request;
  const { files, settings } = context;
  const conditions = writeConditionsOf(headers);
  const upload = await uploadOf(request, files);
  await checkReplaced(bucket, key, conditions, files);
  const parts = chosenParts(
    readXml(await readText({ ...request, headers: ofBody(headers) })),
    await allParts(upload, files),
  );
  const size = headers['x-amz-mp-object-size'];
  if (size !== undefined && Number(size) !== parts.reduce((sum, part) => sum + part.size, 0))
    throw invalidRequest('The provided x-amz-mp-object-size header does not match the size of the object.');
  const checksums = await checksumsOf(upload, parts, headers, files);
  try {
    const info = await joinParts(
      upload,
      parts,
      { etag: etagOf(parts), checksums, ...conditions, byAdmin: isAdmin(request.caller) },
      files,
    );
    await removeUpload(upload.id, files);
    const Location = `${settings.filesEndpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    return {
      status: 200,
      headers: versionHeader(info),
      xml: document('CompleteMultipartUploadResult', {
        Location,
        Bucket: bucket,
        Key: key,
        ETag: info.etag,
        ...checksumsNode(info),
      }),
    };
  } catch (error) {
    // Another request has completed or aborted the upload meanwhile.
    if (error instanceof SourceGone) throw noSuchUpload();
    throw error;
  }
}

/** @throws S3Error MalformedXML, InvalidPartOrder, InvalidPart, EntityTooSmall */
export function chosenParts(root: XmlElement, stored: ReadonlyMap<number, Part>): Part[] {
  const wanted = childrenOf(root, 'Part');
  if (root.name !== 'CompleteMultipartUpload' || wanted.length === 0) throw malformedXml();
  const chosen: Part[] = [];
  for (const element of wanted) {
    const number = textOf(element, 'PartNumber') ?? '';
    const etag = textOf(element, 'ETag')?.trim().replaceAll('"', '');
    if (!/^\d{1,9}$/.test(number) || etag === undefined) throw malformedXml();
    if (Number(number) <= (chosen.at(-1)?.number ?? 0))
      throw new S3Error(
        'InvalidPartOrder',
        400,
        'The list of parts was not in ascending order. The parts list must be specified in order by part number.',
      );
    const part = stored.get(Number(number));
    if (part === undefined || part.etag !== `"${etag}"` || !checksumsAgree(element, part))
      throw new S3Error(
        'InvalidPart',
        400,
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      );
    chosen.push(part);
  }
  const small = chosen.slice(0, -1).find((part) => part.size < smallestPart);
  if (small !== undefined)
    throw new S3Error('EntityTooSmall', 400, 'Your proposed upload is smaller than the minimum allowed size', {
      ProposedSize: String(small.size),
      MinSizeAllowed: String(smallestPart),
      PartNumber: String(small.number),
      ETag: small.etag,
    });
  return chosen;
}

function checksumsAgree(element: XmlElement, { checksums = {} }: Part): boolean {
  return checksumAlgorithms.every((algorithm) => {
    const claimed = textOf(element, `Checksum${algorithm}`);
    return claimed === undefined || claimed === checksums[algorithm];
  });
}

/** Only for this operation, checksums in headers are the object's and not the body's. */
function ofBody(headers: S3Request['headers']): S3Request['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => algorithmOfHeader(name) === undefined));
}

/** As in S3: the MD5 of the parts' MD5s, and the number of parts. */
function etagOf(parts: readonly Part[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag.replaceAll('"', ''), 'hex'));
  return `"${md5.digest('hex')}-${parts.length}"`;
}

/** @throws S3Error BadDigest, InvalidRequest */
async function checksumsOf(
  { checksum }: Upload,
  parts: readonly Part[],
  headers: S3Request['headers'],
  files: ObjectStore,
): Promise<Record<string, string>> {
  for (const name of Object.keys(headers)) {
    const actual = algorithmOfHeader(name);
    if (actual !== undefined && actual !== checksum?.algorithm)
      throw invalidRequest(
        `Checksum Type mismatch occurred, expected checksum Type: ${checksum?.algorithm.toLowerCase() ?? 'null'}, actual checksum Type: ${actual.toLowerCase()}`,
      );
  }
  if (checksum === undefined) return {};
  const { algorithm, type } = checksum;
  let value: string;
  if (type === 'COMPOSITE') {
    const ofParts = parts.flatMap((part) => part.checksums?.[algorithm] ?? []);
    if (ofParts.length < parts.length)
      throw invalidRequest(
        `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part.`,
      );
    value = checksumOfParts(algorithm, ofParts);
  } else {
    const stretches = parts.flatMap(({ size, checksums = {} }) =>
      checksums[algorithm] === undefined ? [] : [{ checksum: checksums[algorithm], size }],
    );
    value =
      (stretches.length === parts.length ? combinedCrc(algorithm, stretches) : undefined) ??
      (await checksumOfWhole(algorithm, parts, files));
  }
  const claimed = headers[headerOf(algorithm)];
  if (claimed !== undefined && claimed !== value && `${claimed}-${parts.length}` !== value) throw badDigest(algorithm);
  return { [algorithm]: value };
}

/** Reads the object: not every client sends checksums of its parts. */
async function checksumOfWhole(
  algorithm: ChecksumAlgorithm,
  parts: readonly Part[],
  files: ObjectStore,
): Promise<string> {
  const whole = newChecksum(algorithm);
  for (const part of parts) for await (const chunk of await readPart(part, files)) whole.update(chunk);
  return whole.digest();
}
