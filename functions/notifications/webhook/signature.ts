/** How a webhook knows that a delivery is Flotilla's. Pure. */
import { createHmac } from 'node:crypto';

/**
 * The value of `x-flotilla-signature`: `v1=` and HMAC-SHA-256 in hex, under the subscription's secret, of
 * `<timestamp>.<body>`. The time is within so that an old delivery cannot be passed off as a new one.
 * @param timestamp epoch seconds, as `x-flotilla-timestamp` has it
 */
export function webhookSignature(secret: string, timestamp: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
