/** The signature by which a webhook recognizes Flotilla's deliveries. Pure. */
import { createHmac } from 'node:crypto';

/**
 * The value of `x-flotilla-signature`: `v1=` and the HMAC-SHA-256 in hex, with the subscription's secret, of
 * `<timestamp>.<body>`. The timestamp is included so that an old delivery cannot be sent as a new one.
 * @param timestamp epoch seconds, as in `x-flotilla-timestamp`
 */
export function webhookSignature(secret: string, timestamp: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
