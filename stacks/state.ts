/** The table for all data, and the keys that encrypt its secrets. */
export function state() {
  const table = new sst.aws.Dynamo('State', {
    fields: { pk: 'string', sk: 'string', index1pk: 'string', index1sk: 'string' },
    primaryIndex: { hashKey: 'pk', rangeKey: 'sk' },
    globalIndexes: {
      // Keys only: while a row's index key stays the same, a write costs nothing for the index.
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
