/** The command line of the agent. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startAgent } from './agent.ts';
import { ServiceError } from '../core/http-client.ts';
import { stderrLog } from './log.ts';
import { forgetFormerNode, readRegistration, register, writeRegistration, type Registration } from './registration.ts';
import { installService, uninstallService } from './systemd.ts';
import { defaultStateFolder, prepareStateFolder } from './state-folder.ts';
import { AlreadyRunning, lockState } from './state-lock.ts';
import { agentVersion } from './version.ts';

const usage = `flotilla-agent ${agentVersion}: makes this machine a node of Flotilla.

  flotilla-agent register --code CODE --id ACTIVATION_ID --endpoint URL [options]
  flotilla-agent run [options]                 in the foreground, until SIGTERM
  flotilla-agent install-service [options]     as a systemd unit that starts with the machine (root)
  flotilla-agent uninstall-service

  --endpoint URL        the API, for example https://flotilla.example:8555
  --node-endpoint URL   the nodes' door, TLS (default: the endpoint)
  --s3-endpoint URL     where outputs go (default: the endpoint)
  --region NAME         default us-east-1
  --ca FILE             a CA to trust besides the usual ones
  --state FOLDER        what the agent keeps (default ${defaultStateFolder()})
  --service             run as the systemd unit does: exit code 194 of a script reboots the machine
  --replace             end the agent that runs on this state folder already
  --log-level LEVEL     debug, info (default), warn, error
  -y                    register anew where the machine is registered already
  --help, --version
`;

const failed = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

/** Runs the command that the arguments name. */
export async function main(): Promise<void> {
  const { values, positionals } = parse();
  if (values.help) return void process.stdout.write(usage);
  if (values.version) return void process.stdout.write(`${agentVersion}\n`);
  const stateFolder = path.resolve(values.state ?? defaultStateFolder());
  switch (positionals[0]) {
    case 'register':
      return registerNode(values, stateFolder);
    case 'run':
      return run(values, stateFolder);
    case 'install-service':
      if (readRegistration(stateFolder) === undefined)
        return failed(`This machine is not registered (${stateFolder}). Run register first.`);
      return asService(() => installService(stateFolder));
    case 'uninstall-service':
      return asService(uninstallService);
    default:
      process.stderr.write(usage);
      process.exitCode = 2;
  }
}

function asService(change: () => void): void {
  if (process.getuid?.() !== 0) return failed("Services are root's to change.");
  if (!existsSync('/run/systemd/system')) return failed('systemd does not run on this machine.');
  change();
}

type Values = ReturnType<typeof parse>['values'];

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        code: { type: 'string' },
        id: { type: 'string' },
        endpoint: { type: 'string' },
        'node-endpoint': { type: 'string' },
        's3-endpoint': { type: 'string' },
        region: { type: 'string', default: 'us-east-1' },
        ca: { type: 'string' },
        state: { type: 'string' },
        service: { type: 'boolean', default: false },
        replace: { type: 'boolean', default: false },
        'log-level': { type: 'string', default: 'info' },
        yes: { type: 'boolean', short: 'y', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return failed(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

async function registerNode(values: Values, stateFolder: string): Promise<void> {
  const { code, id, endpoint } = values;
  if (code === undefined || id === undefined || endpoint === undefined)
    return failed('register needs --code, --id and --endpoint.');
  if (readRegistration(stateFolder) !== undefined && !values.yes)
    return failed(
      `This machine is registered already (${stateFolder}). Register it anew with -y: it becomes another node.`,
    );
  const place = addressesOf(values, { endpoint, nodeEndpoint: endpoint, s3Endpoint: endpoint });
  try {
    const registration = await register({ activationCode: code, activationId: id, region: values.region, ...place });
    prepareStateFolder(stateFolder);
    forgetFormerNode(stateFolder);
    writeRegistration(stateFolder, registration);
    process.stdout.write(`${registration.nodeId}\n`);
  } catch (error) {
    failed(
      error instanceof ServiceError
        ? `The activation was refused: ${error.message}`
        : `Flotilla at ${endpoint} could not be reached: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

type ServiceAddresses = Pick<Registration, 'endpoint' | 'nodeEndpoint' | 's3Endpoint' | 'caFile'>;

/** The service's addresses: from the options, otherwise as before. */
function addressesOf(values: Values, before: ServiceAddresses): ServiceAddresses {
  const address = (option: 'endpoint' | 'node-endpoint' | 's3-endpoint', known: string): string => {
    const text = values[option] ?? known;
    if (!URL.canParse(text) || !/^https?:\/\//.test(text))
      return failed(`--${option} must be an http or https URL, not ${text}.`);
    return text;
  };
  // A service runs in another working directory than the person who registers it.
  const caFile = values.ca === undefined ? before.caFile : path.resolve(values.ca);
  if (caFile !== undefined && !existsSync(caFile)) return failed(`There is no CA file ${caFile}.`);
  return {
    endpoint: address('endpoint', before.endpoint),
    nodeEndpoint: address('node-endpoint', before.nodeEndpoint),
    s3Endpoint: address('s3-endpoint', before.s3Endpoint),
    caFile,
  };
}

async function run(values: Values, stateFolder: string): Promise<void> {
  const registration = readRegistration(stateFolder);
  if (registration === undefined) return failed(`This machine is not registered (${stateFolder}). Run register first.`);
  const level = values['log-level'];
  if (level !== 'debug' && level !== 'info' && level !== 'warn' && level !== 'error')
    return failed(`--log-level must be debug, info, warn or error, not ${level}.`);
  const place = { ...registration, ...addressesOf(values, registration) };
  const log = stderrLog(level);
  try {
    prepareStateFolder(stateFolder);
    await lockState(stateFolder, { replace: values.replace });
  } catch (error) {
    if (error instanceof AlreadyRunning) return failed(error.message);
    throw error;
  }
  const agent = startAgent({
    registration: place,
    stateFolder,
    mayReboot: values.service,
    log,
    onOnline: () => process.stdout.write(`${place.nodeId} online\n`),
  });
  const stop = (): void => {
    agent.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('the agent did not stop cleanly', { error });
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
