/** The client for {@link DynamoState}. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** Milliseconds. DynamoDB answers within tens of them, so an answer that takes this long is lost. */
const connectionTimeout = 1_000;
const requestTimeout = 3_000;

/**
 * Makes one attempt for each call. DynamoState retries by itself, because it must know whether an answer was lost.
 * @param config endpoint and credentials, where they are not the environment's
 */
export function dynamoDBClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    requestHandler: { connectionTimeout, requestTimeout, throwOnRequestTimeout: true },
    ...config,
    maxAttempts: 1,
  });
}
