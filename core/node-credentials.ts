/**
 * The NodeCredentials port: short-lived credentials that AWS's services accept too. On AWS they are STS's, so that a
 * node uploads to S3 itself. Locally the port is absent: Flotilla's own keys are enough for its own S3 API.
 */
export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface NodeCredentials {
  /** @param expiresAt epoch milliseconds of real time: 15 minutes to an hour from now */
  issue(nodeId: string, expiresAt: number): Promise<IssuedCredentials>;
}
