/** The API: one function behind a URL that passes the host and the raw path untouched, as signatures need. */
import { functionOf, type Ground } from './bundle';

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
