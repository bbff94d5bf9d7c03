/** aws:downloadContent: files for the steps that follow, from the service's documents, S3 or the web. */
import { createWriteStream, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isObject } from '../document.ts';
import { ServiceError } from '../http-client.ts';
import { failed, input, textInput, type Inputs, type Plugin, type PluginContext } from '../plugin.ts';

export const downloadContent: Plugin = async (inputs, context) => {
  const source = sourceOf(inputs);
  if (source === undefined) return failed('The sourceInfo is not a JSON object.');
  const destination = path.resolve(context.downloads, textInput(inputs, 'destinationPath') || '.');
  try {
    switch (textInput(inputs, 'sourceType')) {
      case 'SSMDocument':
        await fromDocument(text(source.name), destination, context);
        break;
      case 'S3':
        await fromS3(text(source.path), destination, context);
        break;
      case 'HTTP':
        await fromWeb(source, destination, context);
        break;
      default:
        return failed(`The sourceType ${textInput(inputs, 'sourceType')} is not supported by this agent: SSMDocument, S3 and HTTP are.`);
    }
  } catch (error) {
    if (context.signal.aborted) return { status: 'Cancelled', code: 137, message: 'The download was cancelled.' };
    return failed(`The content could not be downloaded: ${error instanceof Error ? error.message : String(error)}`);
  }
  writeFileSync(context.stdoutFile, `Content downloaded to ${destination}\n`, { flag: 'a' });
  return { status: 'Success', code: 0 };
};

function sourceOf(inputs: Inputs): Readonly<Record<string, unknown>> | undefined {
  const value = input(inputs, 'sourceInfo');
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

async function fromDocument(name: string, destination: string, context: PluginContext): Promise<void> {
  const [, documentName, version] = /^(arn:[^/]*\/[^:]+|[^:]+)(?::(.+))?$/.exec(name) ?? [];
  const { Content, Name } = await context.service.call<{ Content: string; Name: string }>('ssm', 'GetDocument', { Name: documentName, DocumentVersion: version });
  writeFileSync(fileAt(destination, `${path.basename(Name)}.json`), Content, { mode: 0o600 });
}

/**
 * An object, or everything below a prefix that ends with `/`. AWS's URL forms are read (path style and
 * virtual-hosted); the objects are fetched from the node's own S3 endpoint.
 */
async function fromS3(address: string, destination: string, context: PluginContext): Promise<void> {
  const { bucket, key } = parseS3Url(address);
  const base = new URL(context.service.registration.s3Endpoint);
  const locate = (name: string): URL => new URL(`/${bucket}/${name.split('/').map(encodeURIComponent).join('/')}`, base);
  if (!key.endsWith('/') && key !== '') return fetchTo(locate(key), fileAt(destination, path.posix.basename(key)), context, true);
  const list = new URL(`/${bucket}?list-type=2&prefix=${encodeURIComponent(key)}`, base);
  const answer = await context.service.http.send(list, { method: 'GET', headers: await context.service.s3Headers('GET', list, {}) });
  if (answer.status !== 200) throw new ServiceError(String(answer.status), answer.status, answer.body.toString().slice(0, 200));
  for (const [, name] of answer.body.toString().matchAll(/<Key>([^<]+)<\/Key>/g)) {
    const below = unescapeXml(name!).slice(key.length);
    if (below === '' || below.endsWith('/')) continue;
    const file = path.join(destination, path.normalize(`/${below}`));
    mkdirSync(path.dirname(file), { recursive: true });
    await fetchTo(locate(unescapeXml(name!)), file, context, true);
  }
}

/** @throws Error for what is no S3 address */
export function parseS3Url(address: string): { readonly bucket: string; readonly key: string } {
  const scheme = /^s3:\/\/([^/]+)\/(.*)$/.exec(address);
  if (scheme !== null) return { bucket: scheme[1]!, key: scheme[2]! };
  const url = new URL(address);
  const key = decodeURIComponent(url.pathname.slice(1));
  const hosted = /^(.+)\.s3[.-][^/]*$/.exec(url.hostname);
  if (hosted !== null) return { bucket: hosted[1]!, key };
  const slash = key.indexOf('/');
  if (slash <= 0) throw new Error(`${address} names no object`);
  return { bucket: key.slice(0, slash), key: key.slice(slash + 1) };
}

async function fromWeb(source: Readonly<Record<string, unknown>>, destination: string, context: PluginContext): Promise<void> {
  const url = new URL(text(source.url));
  if (url.protocol !== 'https:' && source.allowInsecureDownload !== true && source.allowInsecureDownload !== 'true') throw new Error('a plain http URL needs allowInsecureDownload');
  const headers: Record<string, string> = source.authMethod === 'Basic' ? { authorization: `Basic ${Buffer.from(`${text(source.username)}:${text(source.password)}`).toString('base64')}` } : {};
  await fetchTo(url, fileAt(destination, path.posix.basename(url.pathname) || 'download'), context, false, headers);
}

/** A destination that is a folder, or ends like one, gets the file under its own name. */
function fileAt(destination: string, name: string): string {
  const isFolder = destination.endsWith(path.sep) || (statSync(destination, { throwIfNoEntry: false })?.isDirectory() ?? false);
  const file = isFolder ? path.join(destination, name) : destination;
  mkdirSync(path.dirname(file), { recursive: true });
  return file;
}

/** Streams an object to a file; a download that breaks leaves none. */
async function fetchTo(url: URL, file: string, context: PluginContext, signed: boolean, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const sent = signed ? await context.service.s3Headers('GET', url, headers) : headers;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = context.service.http.open(url, { method: 'GET', headers: sent, signal: context.signal, web: !signed }, resolve);
    request.on('error', reject);
    request.end();
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`${url.href} answered ${response.statusCode}`);
  }
  try {
    await pipeline(response, createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function unescapeXml(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[name]!);
}
