/**
 * The API: one function with a URL that passes the host and the raw path on unchanged, because signatures need them.
 */
import { functionOf, type Ground } from './bundle';

/** What serves the API. */
export type ApiServer = 'function' | 'gateway';

/** `FLOTILLA_API`: `function` (the default) or `gateway`. @throws for anything else */
export function apiServer(): ApiServer {
  const server = process.env.FLOTILLA_API || 'function';
  if (server !== 'function' && server !== 'gateway')
    throw new Error(`FLOTILLA_API must be function or gateway: ${server}`);
  return server;
}

export function api(ground: Ground) {
  const handler = new sst.aws.Function(
    'Api',
    functionOf(ground, 'api', {
      // The function verifies signatures itself, because IAM does not know the callers' keys.
      more: { url: { authorization: 'none', cors: false }, memory: '1024 MB', timeout: '30 seconds' },
    }),
  );
  // Clients sign the host and append paths, so the URL must not end with a slash.
  return { url: handler.url.apply((url) => url.replace(/\/$/, '')) };
}
