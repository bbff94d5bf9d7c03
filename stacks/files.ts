/** The service's own bucket: reports, and nodes' uploads for the service. */
export function files() {
  // Nodes' uploads are useless once their commands are deleted, after 30 days (functions/files-door/service-bucket.ts).
  const lifecycle = ['output/', 'collected'].map((prefix) => ({ prefix, expiresIn: '31 days' as const }));
  return { bucket: new sst.aws.Bucket('Files', { lifecycle }) };
}
