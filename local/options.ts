/** The command line of `npm start`. */
import { isIP } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { StartRefused } from './start-refused.ts';

export interface StartOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  /** The name by which other machines reach this one, where it differs from `host`. */
  readonly name?: string | undefined;
  /** The data folder. */
  readonly data: string;
  /** Only used at the first start with a data folder; later starts keep it. */
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly agent: boolean;
  readonly once: boolean;
  readonly readyFile?: string | undefined;
  readonly awsQuotas: boolean;
  /** The URL to which nodes send output for CloudWatch Logs. */
  readonly logsEndpoint?: string | undefined;
  /** The most targets of a command. */
  readonly pendingInvocations?: number | undefined;
  /** The most bytes of a parameter's value, above AWS's limit. */
  readonly largestParameter?: number | undefined;
  /** Operators may give work to this machine too. */
  readonly shareThisMachine?: boolean | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export const usage = `Flotilla: AWS Systems Manager that you own, on this machine.

  npm start -- [options]

  --port N           the port for the API, files and nodes (default 8555; 0: any free one)
  --host ADDRESS     where to listen (default 127.0.0.1)
  --name NAME        by which other machines reach this one: in URLs and in the certificate (default: --host)
  --data FOLDER      what is kept between starts (default .flotilla)
  --account ID       the 12-digit account, at the first start (default: made up)
  --region NAME      the Region, at the first start (default us-east-1)
  --no-agent         do not enrol this machine
  --share-this-machine  operators may give work to this machine too, and so become admins (default: admins only)
  --once             end after the summary: 0 well, 1 a part failed, 3 only the package repositories were out of reach
  --ready-file FILE  write endpoint and keys there as JSON, once Flotilla answers
  --aws-quotas       enforce AWS's account quotas, for rehearsal
  --pending-invocations N  a command with more targets ends as RateExceeded before anything runs (default: no limit)
  --largest-parameter BYTES  what a parameter of the advanced tier may hold, up to 196608 (default: AWS's 8192)
  --logs-endpoint URL  the CloudWatch Logs that nodes send output to (default: AWS's, of the Region)
  --log-level LEVEL  debug, info, warn (default) or error
  --help
`;

/** The options are not valid; the message says why. */
export class UsageError extends StartRefused {
  override readonly name = 'UsageError';
}

/**
 * @returns the options, or 'help'
 * @throws UsageError
 */
export function parseOptions(argv: readonly string[]): StartOptions | 'help' {
  const values = parse(argv);
  if (values.help) return 'help';
  const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : NaN;
  if (!(port <= 65_535)) throw new UsageError(`--port must be a number from 0 to 65535, not ${values.port}`);
  // A script may have an unset variable: `--data $DATA` must not become the current folder.
  for (const name of ['host', 'data', 'ready-file'] as const)
    if (values[name]?.trim() === '') throw new UsageError(`--${name} must not be empty`);
  if (values.name !== undefined && isIP(values.name) === 0 && !isHostName(values.name))
    throw new UsageError(`--name must be a host's name or address, not ${values.name}`);
  if (values.account !== undefined && !/^\d{12}$/.test(values.account))
    throw new UsageError(`--account must be 12 digits, not ${values.account}`);
  if (values.region !== undefined && !/^[a-z0-9-]{3,40}$/.test(values.region))
    throw new UsageError(`--region must be a Region's name such as us-east-1, not ${values.region}`);
  const pendingInvocations =
    values['pending-invocations'] === undefined ? undefined : Number(values['pending-invocations']);
  if (pendingInvocations !== undefined && !(Number.isInteger(pendingInvocations) && pendingInvocations > 0))
    throw new UsageError(`--pending-invocations must be a whole number above 0, not ${values['pending-invocations']}`);
  const largestParameter = values['largest-parameter'] === undefined ? undefined : Number(values['largest-parameter']);
  if (
    largestParameter !== undefined &&
    !(Number.isInteger(largestParameter) && largestParameter >= 8192 && largestParameter <= 196_608)
  )
    throw new UsageError(
      `--largest-parameter must be a whole number from 8192 to 196608, not ${values['largest-parameter']}`,
    );
  const logsEndpoint = values['logs-endpoint'];
  if (logsEndpoint !== undefined && !/^https?:\/\//.test(logsEndpoint))
    throw new UsageError(`--logs-endpoint must be an http or https URL, not ${logsEndpoint}`);
  const logLevel = values['log-level'];
  if (logLevel !== 'debug' && logLevel !== 'info' && logLevel !== 'warn' && logLevel !== 'error')
    throw new UsageError(`--log-level must be debug, info, warn or error, not ${logLevel}`);
  return {
    port,
    host: values.host,
    name: values.name,
    data: path.resolve(values.data),
    account: values.account,
    region: values.region,
    agent: !values['no-agent'],
    once: values.once,
    readyFile: values['ready-file'],
    awsQuotas: values['aws-quotas'],
    logsEndpoint,
    pendingInvocations,
    largestParameter,
    shareThisMachine: values['share-this-machine'],
    logLevel,
  };
}

/** Labels of letters, digits and hyphens, as certificates and URLs require. */
function isHostName(name: string): boolean {
  return name.length <= 253 && /^(?!-)[a-z\d-]{1,63}(?<!-)(\.(?!-)[a-z\d-]{1,63}(?<!-))*$/i.test(name);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string', default: '8555' },
        host: { type: 'string', default: '127.0.0.1' },
        name: { type: 'string' },
        data: { type: 'string', default: '.flotilla' },
        account: { type: 'string' },
        region: { type: 'string' },
        'no-agent': { type: 'boolean', default: false },
        'share-this-machine': { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        'ready-file': { type: 'string' },
        'aws-quotas': { type: 'boolean', default: false },
        'logs-endpoint': { type: 'string' },
        'pending-invocations': { type: 'string' },
        'largest-parameter': { type: 'string' },
        'log-level': { type: 'string', default: 'warn' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
