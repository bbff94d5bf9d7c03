/** Follows a command by long polls, also while Flotilla restarts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NoConnection, type Client } from '../client.ts';
import { ServiceError } from '../../core/http-client.ts';
import type { Watched } from './watched.ts';

/** Seconds of a long poll. */
const wait = 20;
/** Milliseconds for which Flotilla may be unreachable, and between two attempts. */
const patience = 120_000;
const pause = 500;

/**
 * The changes of a command, until it has ended and everything was seen.
 * @param onAway called when Flotilla does not answer and is asked again
 * @throws ServiceError; NoConnection when Flotilla was unreachable for too long
 */
export async function* watch(
  commandId: string,
  client: Client,
  onAway: () => void,
  signal: AbortSignal,
): AsyncGenerator<Watched> {
  const seen: Record<string, string> = {};
  let seenCommand = '';
  let awaySince: number | undefined;
  while (!signal.aborted) {
    let watched: Watched;
    try {
      watched = await client.call<Watched>('POST', `/x/commands/${encodeURIComponent(commandId)}/watch`, {
        Seen: seen,
        SeenCommand: seenCommand,
        WaitSeconds: wait,
      });
    } catch (error) {
      if (!mayPass(error)) throw error;
      awaySince ??= performance.now();
      if (performance.now() - awaySince > patience) throw error;
      onAway();
      await sleep(pause);
      continue;
    }
    awaySince = undefined;
    for (const { InstanceId, Mark } of watched.Invocations) seen[InstanceId] = Mark;
    seenCommand = watched.Command.Mark;
    yield watched;
    if (watched.Command.Done && !watched.More) return;
  }
}

/** A restart can also cut a connection in the middle of an answer. */
function mayPass(error: unknown): boolean {
  if (error instanceof ServiceError) return error.status >= 500;
  return error instanceof NoConnection || (error as NodeJS.ErrnoException).code === 'ECONNRESET';
}
