/**
 * The token that links a control channel's websocket to the CreateControlChannel call: a node's id, an expiry and a
 * number that is used once, with our MAC. Any gateway of this Flotilla can check it.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Context } from '../../core/context.ts';
import { AccessDeniedException } from '../../core/errors.ts';
import { conflictAs } from '../../core/retry-on-conflict.ts';
import { spentTokenKey } from './store.ts';

/** Milliseconds of real time; agents connect at once. */
const life = 2 * 60_000;

/** A token for the node, valid once and for two minutes. */
export async function issueChannelToken(context: Context, nodeId: string): Promise<string> {
  const claim = `control-channel ${nodeId} ${Date.now() + life} ${context.ids.secret(12)}`;
  return `${Buffer.from(claim).toString('base64url')}.${Buffer.from(await context.keys.mac(claim)).toString('base64url')}`;
}

/** Uses up a token. @throws AccessDeniedException when it is not ours, not the node's, expired or already used */
export async function spendChannelToken(context: Context, nodeId: string, token: string): Promise<void> {
  const [claimText = '', macText = ''] = token.split('.');
  const claim = Buffer.from(claimText, 'base64url').toString();
  const mac = Buffer.from(macText, 'base64url');
  const expected = await context.keys.mac(claim);
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected))
    throw new AccessDeniedException('The channel token is not valid.');
  const [purpose, holder, expiry, number = ''] = claim.split(' ');
  if (purpose !== 'control-channel' || holder !== nodeId)
    throw new AccessDeniedException('The channel token is not for this node.');
  if (Number(expiry) < Date.now()) throw new AccessDeniedException('The channel token has expired.');
  const expiresAt = Math.ceil((Date.now() + 2 * life) / 1000);
  await conflictAs(
    context.state.write({ put: spentTokenKey(number), body: {}, when: { row: 'absent' }, expiresAt }),
    () => new AccessDeniedException('The channel token has been used already.'),
  );
}
