/** The services that the front door serves, and how a request is matched to one. */

export type Protocol = 'json' | 'rest-json' | 'query';

export interface Service {
  /** As in AWS's endpoints and event sources: the `ssm` of `ssm.amazonaws.com`. */
  readonly name: ServiceName;
  /** The name in a credential scope. */
  readonly signingName: string;
  readonly protocol: Protocol;
  /** JSON 1.1: the text before the operation in X-Amz-Target. */
  readonly targetPrefix?: string;
}

export type ServiceName =
  | 'ssm'
  | 'ssm-incidents'
  | 'ssm-contacts'
  | 'appconfig'
  | 'appconfigdata'
  | 'ssm-quicksetup'
  | 'resource-groups'
  | 'sts';

export const services: readonly Service[] = [
  { name: 'ssm', signingName: 'ssm', protocol: 'json', targetPrefix: 'AmazonSSM' },
  { name: 'ssm-contacts', signingName: 'ssm-contacts', protocol: 'json', targetPrefix: 'SSMContacts' },
  { name: 'ssm-incidents', signingName: 'ssm-incidents', protocol: 'rest-json' },
  { name: 'appconfig', signingName: 'appconfig', protocol: 'rest-json' },
  // It signs as appconfig too; the path tells the two apart.
  { name: 'appconfigdata', signingName: 'appconfig', protocol: 'rest-json' },
  { name: 'ssm-quicksetup', signingName: 'ssm-quicksetup', protocol: 'rest-json' },
  { name: 'resource-groups', signingName: 'resource-groups', protocol: 'rest-json' },
  { name: 'sts', signingName: 'sts', protocol: 'query' },
];

/** By X-Amz-Target's prefix. */
export const servicesByTarget: ReadonlyMap<string, Service> = new Map(
  services.flatMap((service) => (service.targetPrefix === undefined ? [] : [[service.targetPrefix, service]])),
);

/** By the credential scope. */
export const servicesBySigningName: ReadonlyMap<string, readonly Service[]> = Map.groupBy(
  services,
  (service) => service.signingName,
);
