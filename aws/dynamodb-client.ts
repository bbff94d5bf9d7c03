/** The client that {@link DynamoState} needs. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** Milliseconds. DynamoDB answers within tens of them: what takes this long is lost. */
const connectionTimeout = 1_000;
const requestTimeout = 3_000;

/**
 * One attempt a call: DynamoState repeats them itself, since it must know whether an answer was lost on the way.
 * @param config endpoint and credentials where they are not the environment's
 */
export function dynamoDBClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    requestHandler: { connectionTimeout, requestTimeout, throwOnRequestTimeout: true },
    ...config,
    maxAttempts: 1,
  });
}
