/** The API: one function behind a URL that passes the host and the raw path untouched, as signatures need. */
import { environmentOf, functionOf, type Ground } from './bundle';

/** @param nodeRole what nodes' credentials are of: the API hands them out */
export function api(ground: Ground, nodeRole: aws.iam.Role) {
  const handler = new sst.aws.Function(
    'Api',
    functionOf(ground, 'api', {
      permissions: [{ actions: ['sts:AssumeRole'], resources: [nodeRole.arn] }],
      // Its callers' signatures are verified by the function: IAM knows none of their keys.
      more: {
        url: { authorization: 'none', cors: false },
        memory: '1024 MB',
        timeout: '30 seconds',
        environment: { ...environmentOf(ground), FLOTILLA_NODE_ROLE_ARN: nodeRole.arn },
      },
    }),
  );
  // Host names only: callers sign the host, and a slash at the end would double.
  return { url: handler.url.apply((url) => url.replace(/\/$/, '')) };
}
