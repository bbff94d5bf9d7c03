/** The connection to AWS's Parameter Store, configured as for AWS's own tools. */
import type { Connection } from '../connection.ts';
import { Failed } from '../failed.ts';

export interface AwsOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly awsEndpoint?: string;
}

/**
 * Credentials and Region come from variables, profiles, SSO, processes or the machine's role. The SDK's client, which
 * is present already, finds them; our client signs the calls. The Region: --region, AWS_REGION, AWS_DEFAULT_REGION, the
 * profile's.
 * @throws Failed
 */
export async function connectionToAws(
  { profile, region, awsEndpoint }: AwsOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Connection> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  // The SDK knows only the first variable; AWS's command line knows the second one too.
  const named = region ?? (environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || undefined);
  const { config } = new STSClient({
    ...(profile === undefined ? {} : { profile }),
    ...(named === undefined ? {} : { region: named }),
  });
  try {
    const [credentials, found] = await Promise.all([config.credentials(), config.region()]);
    const domain = found.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    const endpoint =
      awsEndpoint ??
      environment['AWS_ENDPOINT_URL_SSM'] ??
      environment['AWS_ENDPOINT_URL'] ??
      `https://ssm.${found}.${domain}`;
    return {
      endpoint,
      region: found,
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken,
      caFile: environment['AWS_CA_BUNDLE'],
    };
  } catch (error) {
    throw new Failed(`no way to AWS: ${error instanceof Error ? error.message : String(error)}`, 2, { cause: error });
  }
}

/** The environment without `AWS_*` variables, where these are for AWS only: the rest says where Flotilla is. */
export function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}

/** @throws Failed where AWS's endpoint is Flotilla's own */
export function checkApart(aws: Connection, here: Connection): void {
  if (new URL(aws.endpoint).origin === new URL(here.endpoint).origin)
    throw new Failed(`both ends are ${here.endpoint}: AWS’s is set by --aws-endpoint or AWS_ENDPOINT_URL_SSM`, 2);
}
