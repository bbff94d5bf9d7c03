/**
 * The NodeCredentials port: short-lived credentials that others than our own doors accept too. STS's on AWS,
 * so that a node uploads to S3 itself; on one machine there is none, and ours serve our own S3 door.
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
