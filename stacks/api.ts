/** The API: one function behind a URL that passes the host and the raw path untouched, as signatures need. */
import { functionOf, type Ground } from './bundle';

/** Who answers the API. */
export type ApiServer = 'function' | 'gateway';

/** `FLOTILLA_API`: `function`, which is the default, or `gateway`. @throws for anything else */
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
      // Its callers' signatures are verified by the function: IAM knows none of their keys.
      more: { url: { authorization: 'none', cors: false }, memory: '1024 MB', timeout: '30 seconds' },
    }),
  );
  // Host names only: callers sign the host, and a slash at the end would double.
  return { url: handler.url.apply((url) => url.replace(/\/$/, '')) };
}
