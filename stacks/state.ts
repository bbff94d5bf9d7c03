/** The table that everything is kept in, and the keys that its secrets are kept under. */
export function state() {
  const table = new sst.aws.Dynamo('State', {
    fields: { pk: 'string', sk: 'string', index1pk: 'string', index1sk: 'string' },
    primaryIndex: { hashKey: 'pk', rangeKey: 'sk' },
    globalIndexes: {
      // Keys only: a write costs the index nothing while the row's index key stays.
      index1: { hashKey: 'index1pk', rangeKey: 'index1sk', projection: 'keys-only' },
    },
    ttl: 'expiresAt',
    stream: 'new-image',
    deletionProtection: $app.removal !== 'remove',
  });
  const key = new aws.kms.Key('DataKey', {
    description: `${$app.name} ${$app.stage}: secrets at rest`,
    enableKeyRotation: true,
  });
  const macKey = new aws.kms.Key('MacKey', {
    description: `${$app.name} ${$app.stage}: tokens`,
    keyUsage: 'GENERATE_VERIFY_MAC',
    customerMasterKeySpec: 'HMAC_256',
  });
  return { table, key, macKey };
}
