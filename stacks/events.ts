/** Makes a rule, a schedule or a queue's subscription for each route of events/routes.ts. */
import { routes, type Route } from '../events/routes';
import { functionOf, type Ground } from './bundle';
import { reservedFor } from './concurrency';

const ourSource = 'flotilla.ssm';

/** @param endpoint the URL of the API */
export function events(ground: Ground, endpoint: $util.Input<string>): void {
  for (const route of routes) {
    if ('detailTypes' in route.on) onEvents(ground, route, route.on, endpoint);
    else if ('schedule' in route.on) onSchedule(ground, route, route.on.schedule, endpoint);
    else onMessages(ground, route, route.on.queue, endpoint);
  }
}

type EventTrigger = Extract<Route['on'], { readonly detailTypes: readonly string[] }>;

function onEvents(
  ground: Ground,
  { name }: Route,
  { detailTypes, detail, alsoFromAws, source }: EventTrigger,
  endpoint: $util.Input<string>,
): void {
  const component = pascal(name);
  const handler = new sst.aws.Function(
    component,
    functionOf(ground, name, { endpoint, deadLetters: ground.queues.deadLetters }),
  );
  const pattern = { detailType: [...detailTypes], ...(detail === undefined ? {} : { detail }) };
  // AWS reserves `aws.*`, so events posted with such a source are published with ours.
  ground.bus.subscribe(component, handler.arn, {
    pattern: { source: [source?.replace('aws.', 'flotilla.') ?? ourSource], ...pattern },
  });
  const theirs = source ?? (alsoFromAws === true ? 'aws.ssm' : undefined);
  if (theirs !== undefined)
    sst.aws.Bus.get(`${component}AwsBus`, 'default').subscribe(`${component}FromAws`, handler.arn, {
      pattern: { source: [theirs], ...pattern },
    });
}

function onSchedule(ground: Ground, { name }: Route, schedule: string, endpoint: $util.Input<string>): void {
  // No retries, because the next tick follows.
  new sst.aws.CronV2(pascal(name), {
    schedule: schedule as 'rate(1 minute)',
    function: functionOf(ground, name, { endpoint }),
  });
}

function onMessages(ground: Ground, { name }: Route, queue: string, endpoint: $util.Input<string>): void {
  const known: Record<string, sst.aws.Queue> = {
    timers: ground.queues.timers,
    'dead-letters': ground.queues.deadLetters,
  };
  const source = known[queue];
  if (source === undefined) throw new Error(`the route ${name} names a queue ${queue} that stacks/ does not know`);
  source.subscribe(functionOf(ground, name, { endpoint }), {
    // One timer a call: `timersPerCall` of functions/clock/limits.ts says why, and test/stacks compares.
    batch: { size: queue === 'timers' ? 1 : 10, partialResponses: true },
    transform: {
      eventSourceMapping: (args) => {
        const reserved = reservedFor(name);
        // Messages wait in the queue rather than being refused by the function; 2 is the least that SQS takes.
        if (reserved !== undefined) args.scalingConfig = { maximumConcurrency: Math.max(2, reserved) };
      },
    },
  });
}

/** `record-patch-scan` → `RecordPatchScan` */
export function pascal(name: string): string {
  return name.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
