/** The endpoint of AWS's Parameters and Secrets Lambda extension, only on loopback. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from '../client.ts';
import { extensionAnswer, queryOf, type WireParameter } from './extension-request.ts';
import { logLevels, type ExtensionSettings, type LogLevel } from './extension-settings.ts';
import { AnswerCache } from './parameter-cache.ts';

export interface ExtensionServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Parts {
  readonly client: Client;
  readonly settings: ExtensionSettings;
  /** The required value of X-Aws-Parameters-Secrets-Token. */
  readonly token: string;
  readonly log: (line: string) => void;
}

/** AWS's extension sends no other message; the reason is in its log. */
const failure = 'an unexpected error occurred while executing request';

/** @throws when the port is in use */
export async function serveExtension({ client, settings, token, log }: Parts): Promise<ExtensionServer> {
  const cache = new AnswerCache({ size: settings.cacheSize, ttlMs: settings.ttlMs });
  const expected = digest(token);
  const note = (level: LogLevel, text: string): void => {
    if (logLevels.indexOf(level) >= logLevels.indexOf(settings.logLevel) && settings.logLevel !== 'NONE')
      log(`[flotilla params] ${new Date().toISOString()} ${level} ${text}`);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (status: number, text: string): void =>
      void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
    const given = request.headers['x-aws-parameters-secrets-token'];
    if (typeof given !== 'string' || !timingSafeEqual(digest(given), expected)) {
      note('ERROR', 'a request without the token, or with another, was refused');
      return refuse(401, 'unauthorized: X-Aws-Parameters-Secrets-Token is not the session token');
    }
    const query = queryOf(request.url ?? '/');
    if (query === 'elsewhere') return refuse(404, '404 page not found');
    if (request.method !== 'GET') return refuse(405, 'method not allowed');
    if (query === 'unnamed') {
      note('ERROR', 'a request named no parameter');
      return refuse(400, failure);
    }
    try {
      const text = await cache.get(JSON.stringify(query), async () => {
        note('DEBUG', `${query.Name} is asked for`);
        const { Parameter } = await client.ssm<{ readonly Parameter: WireParameter }>('GetParameter', query);
        return extensionAnswer(Parameter);
      });
      response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    } catch (error) {
      note('ERROR', `${query.Name}: ${error instanceof Error ? error.message : String(error)}`);
      refuse(400, failure);
    }
  };

  const listener = (request: IncomingMessage, response: ServerResponse): void => void answer(request, response);
  const first = createServer(listener);
  const port = await listen(first, settings.port, '127.0.0.1');
  const servers = [first];
  // For some clients `localhost` is ::1; a machine without IPv6 does not have it.
  const second = createServer(listener);
  try {
    await listen(second, port, '::1');
    servers.push(second);
  } catch (error) {
    if (!['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      first.close();
      throw error;
    }
  }
  return {
    port,
    close: async () => {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, ipv6Only: host === '::1' }, () => resolve((server.address() as AddressInfo).port));
  });
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
