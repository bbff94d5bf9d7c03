/** `npm run simulate`: simulated nodes that use the real protocol, to measure what a fleet and a command to it cost. */
import { parseArgs } from 'node:util';
import { NoConnection } from '../cli/client.ts';
import { findConnection } from '../cli/connection.ts';
import { jsonLog } from '../core/log.ts';
import { enrol, readFleet, writeFleet } from './enrol.ts';
import { shareOf } from './faults.ts';
import { Fleet } from './fleet.ts';
import { tell } from './progress.ts';

const usage = `npm run simulate -- --nodes N [options]     nodes that are not there, until Ctrl-C

  --nodes N             how many (default 10)
  --tag KEY=VALUE       a tag of every node; repeat it (default fleet=simulated)
  --state FILE          keep the nodes here, and be the same ones in the next run
  --activations N       activations they register with (default one for a thousand)
  --key-pairs N         key pairs they share (default 4)
  --duration MS         how long a command takes (default 100)
  --inventory N         applications in each one's inventory (default 100)
  --late MS             replies come later, by up to this
  --lost SHARE          replies lost with their connection: 0.1 or 10%
  --doubled SHARE       replies sent twice
  --failing SHARE       commands that fail
  --plain               without TLS
  --data FOLDER         of the local Flotilla (default .flotilla); or set FLOTILLA_ENDPOINT and keys
  --node-endpoint URL   the nodes' door, where it is not Flotilla's own
`;

class UsageError extends Error {}

try {
  await main();
} catch (error) {
  if (!(
    error instanceof UsageError ||
    error instanceof NoConnection ||
    (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')
  ))
    throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '10' },
      tag: { type: 'string', multiple: true, default: ['fleet=simulated'] },
      state: { type: 'string' },
      activations: { type: 'string', default: '1' },
      'key-pairs': { type: 'string', default: '4' },
      duration: { type: 'string', default: '100' },
      inventory: { type: 'string', default: '100' },
      late: { type: 'string', default: '0' },
      lost: { type: 'string', default: '0' },
      doubled: { type: 'string', default: '0' },
      failing: { type: 'string', default: '0' },
      plain: { type: 'boolean', default: false },
      data: { type: 'string', default: '.flotilla' },
      endpoint: { type: 'string' },
      'node-endpoint': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  const whole = (
    name: 'nodes' | 'activations' | 'key-pairs' | 'duration' | 'inventory' | 'late',
    least = 0,
  ): number => {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < least)
      throw new UsageError(`--${name} takes a whole number from ${least} on`);
    return number;
  };
  const share = (name: 'lost' | 'doubled' | 'failing'): number => {
    const found = shareOf(values[name]);
    if (found === undefined) throw new UsageError(`--${name} takes a share: 0.1 or 10%`);
    return found;
  };
  const connection = findConnection(values, process.env);
  const nodeEndpoint = values['node-endpoint'] ?? connection.nodeEndpoint ?? connection.endpoint;
  const wanted = whole('nodes', 1);
  const behaviour = {
    faults: { late: whole('late'), lost: share('lost'), doubled: share('doubled'), failing: share('failing') },
    duration: whole('duration'),
    inventoryEntries: whole('inventory'),
    random: Math.random,
  };

  let registrations = values.state === undefined ? [] : readFleet(values.state).slice(0, wanted);
  const known = registrations.length;
  if (known < wanted) {
    const options = {
      ...connection,
      nodeEndpoint: values.plain ? nodeEndpoint.replace(/^https/, 'http') : nodeEndpoint,
      credentials: connection,
      nodes: wanted - known,
      activations: whole('activations', 1),
      keyPairs: whole('key-pairs', 1),
      tags: tagsOf(values.tag),
    };
    registrations = [
      ...registrations,
      ...(await enrol({ ...options, onRegistered: (count) => tell({ registered: known + count }) })),
    ];
    if (values.state !== undefined) writeFleet(values.state, registrations);
  }
  const fleet = new Fleet(
    registrations,
    behaviour,
    jsonLog((line) => process.stderr.write(line), 'warn'),
  );
  const progress = setInterval(() => tell({ registered: registrations.length, ...fleet.counts }), 1_000);
  const stop = (): void => {
    clearInterval(progress);
    fleet.stop();
    process.exit();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop).once('disconnect', stop);
  process.on('message', (message) => {
    if (message === 'associations')
      void fleet.pollAssociations().then(() => process.send?.({ associations: 'polled' }));
  });
  await fleet.start();
  tell({ registered: registrations.length, ...fleet.counts });
}

function tagsOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((tag) => {
      const equals = tag.indexOf('=');
      if (equals < 1) throw new UsageError('--tag takes KEY=VALUE');
      return [tag.slice(0, equals), tag.slice(equals + 1)];
    }),
  );
}
