/** Loads the handlers that routes name by path, each when its first event comes. */
import type { EventHandler } from '../core/events.ts';
import type { Route } from '../events/routes.ts';

/** @throws when the path does not name an exported handler */
export async function loadHandler(run: Route['run']): Promise<EventHandler> {
  const dot = run.lastIndexOf('.');
  const module = (await import(new URL(`../${run.slice(0, dot)}.ts`, import.meta.url).href)) as Readonly<
    Record<string, unknown>
  >;
  const handler = module[run.slice(dot + 1)];
  if (typeof handler !== 'function') throw new Error(`${run} is not an exported function`);
  return handler as EventHandler;
}
