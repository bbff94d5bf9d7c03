/** aws:downloadContent: files for the steps that follow, from the service's documents, S3, the web or a repository. */
import { createWriteStream, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isObject } from '../../core/documents/document.ts';
import { ServiceError } from '../../core/http-client.ts';
import { fileAt } from './downloaded-file.ts';
import { fromGit, fromGitHub } from './git-source.ts';
import { failed, input, textInput, type Inputs, type Plugin, type PluginContext } from '../plugin.ts';

export const downloadContent: Plugin = async (inputs, context) => {
  const source = sourceOf(inputs);
  if (source === undefined) return failed('The sourceInfo is not a JSON object.');
  const asked = textInput(inputs, 'destinationPath');
  // A destination that ends with a slash is a folder, whether it exists or not.
  const destination = path.resolve(context.downloads, asked || '.') + (asked.endsWith('/') ? path.sep : '');
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
      case 'Git':
        await fromGit(source, destination, context);
        break;
      case 'GitHub':
        await fromGitHub(source, destination, context);
        break;
      default:
        return failed(
          `The sourceType ${textInput(inputs, 'sourceType')} is not one of SSMDocument, S3, HTTP, Git and GitHub.`,
        );
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
  const { Content, Name } = await context.service.call<{ Content: string; Name: string }>('ssm', 'GetDocument', {
    Name: documentName,
    DocumentVersion: version,
  });
  writeFileSync(fileAt(destination, `${path.basename(Name)}.json`), Content, { mode: 0o600 });
}

/**
 * An object, or everything below a prefix that ends with `/`. AWS's URL forms are accepted (path style and
 * virtual-hosted), but the objects come from the node's own S3 endpoint.
 */
async function fromS3(address: string, destination: string, context: PluginContext): Promise<void> {
  const { bucket, key } = parseS3Url(address);
  const base = new URL(context.service.registration.s3Endpoint);
  const locate = (name: string): URL =>
    new URL(`/${bucket}/${name.split('/').map(encodeURIComponent).join('/')}`, base);
  if (key !== '' && !key.endsWith('/')) {
    try {
      return await fetchTo(locate(key), fileAt(destination, path.posix.basename(key)), context, { signed: true });
    } catch (error) {
      // It may be a folder that was written without its slash.
      if (!(error instanceof ServiceError) || error.status !== 404) throw error;
    }
  }
  const prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
  const names = await listKeys(bucket, prefix, base, context);
  if (names.length === 0) throw new Error(`${address} names no object`);
  for (const name of names) {
    const file = path.join(destination, path.normalize(`/${name.slice(prefix.length)}`));
    mkdirSync(path.dirname(file), { recursive: true });
    await fetchTo(locate(name), file, context, { signed: true });
  }
}

/** The keys below a prefix, without those that represent folders. */
async function listKeys(bucket: string, prefix: string, base: URL, context: PluginContext): Promise<string[]> {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const query = new URLSearchParams({
      'list-type': '2',
      prefix,
      ...(token === undefined ? {} : { 'continuation-token': token }),
    });
    const list = new URL(`/${bucket}?${query.toString().replaceAll('+', '%20')}`, base);
    const answer = await context.service.http.send(list, {
      method: 'GET',
      headers: await context.service.s3Headers('GET', list, {}),
      signal: context.signal,
    });
    const text = answer.body.toString();
    if (answer.status !== 200)
      throw new ServiceError(/<Code>([^<]+)/.exec(text)?.[1] ?? String(answer.status), answer.status, list.pathname);
    for (const [, name] of text.matchAll(/<Key>([^<]+)<\/Key>/g))
      if (!name!.endsWith('/')) names.push(unescapeXml(name!));
    const next = /<NextContinuationToken>([^<]+)</.exec(text)?.[1];
    token = next === undefined ? undefined : unescapeXml(next);
  } while (token !== undefined);
  return names;
}

/** @throws Error for what is not an S3 address */
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

async function fromWeb(
  source: Readonly<Record<string, unknown>>,
  destination: string,
  context: PluginContext,
): Promise<void> {
  const url = new URL(text(source.url));
  const insecure = source.allowInsecureDownload === true || source.allowInsecureDownload === 'true';
  const method = text(source.authMethod);
  if (!['', 'None', 'Basic'].includes(method))
    throw new Error(`the authMethod ${method} is not supported by this agent: None and Basic are`);
  const headers: Record<string, string> =
    method === 'Basic'
      ? {
          authorization: `Basic ${Buffer.from(`${text(source.username)}:${text(source.password)}`).toString('base64')}`,
        }
      : {};
  await fetchTo(url, fileAt(destination, path.posix.basename(url.pathname) || 'download'), context, {
    headers,
    insecure,
  });
}

interface Fetch {
  /** Signed as this node, for the service's S3. */
  readonly signed?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether plain http is allowed. */
  readonly insecure?: boolean;
}

/** Streams an object to a file, which appears when it is complete. @throws ServiceError for any answer but 200 */
async function fetchTo(url: URL, file: string, context: PluginContext, options: Fetch): Promise<void> {
  const response = await follow(url, context, options);
  const part = `${file}.part`;
  try {
    await pipeline(response, createWriteStream(part, { mode: 0o600 }));
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

const mostRedirects = 5;

async function follow(
  from: URL,
  context: PluginContext,
  { signed = false, headers = {}, insecure = false }: Fetch,
): Promise<IncomingMessage> {
  let url = from;
  for (let redirects = 0; ; redirects++) {
    if (!signed && !insecure && url.protocol !== 'https:')
      throw new Error('a plain http URL needs allowInsecureDownload');
    // Credentials are sent only to the origin for which they were given.
    const own = url.origin === from.origin ? headers : {};
    const response = await get(url, signed ? await context.service.s3Headers('GET', url, own) : own, context);
    const { statusCode = 0 } = response;
    if (statusCode === 200) return response;
    response.resume();
    const { location } = response.headers;
    if (signed || location === undefined || statusCode < 300 || statusCode > 399)
      throw new ServiceError(String(statusCode), statusCode, url.href);
    if (redirects === mostRedirects) throw new Error(`${from.href} redirects more than ${mostRedirects} times`);
    url = new URL(location, url);
  }
}

/** Milliseconds without a byte after which a download is given up. */
const silence = 60_000;

function get(url: URL, headers: Readonly<Record<string, string>>, context: PluginContext): Promise<IncomingMessage> {
  const { http, registration } = context.service;
  // The service's own URLs are trusted by its CA, all others by the machine's trust.
  const web = ![registration.endpoint, registration.nodeEndpoint, registration.s3Endpoint].some(
    (endpoint) => new URL(endpoint).origin === url.origin,
  );
  return new Promise((resolve, reject) => {
    const request = http.open(url, { method: 'GET', headers, signal: context.signal, web }, resolve);
    request.setTimeout(silence, () => request.destroy(new Error(`nothing came for ${silence / 1000} seconds`)));
    request.on('error', reject);
    request.end();
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function unescapeXml(text: string): string {
  return text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[name]!,
  );
}
