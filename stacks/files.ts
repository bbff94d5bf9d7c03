/** The service's own bucket: reports, and what nodes upload for it to read. */
export function files() {
  // What nodes upload is of no use once commands are forgotten, after 30 days (functions/files-door/service-bucket.ts).
  const lifecycle = ['output/', 'collected'].map((prefix) => ({ prefix, expiresIn: '31 days' as const }));
  return { bucket: new sst.aws.Bucket('Files', { lifecycle }) };
}
