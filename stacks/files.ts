/** The service's own bucket: reports, and what nodes upload for it to read. */
export function files() {
  return { bucket: new sst.aws.Bucket('Files') };
}
