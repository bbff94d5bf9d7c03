/**
 * Executes sst.config.ts with sst's own components, and Pulumi's mock runtime in place of AWS: no account, no
 * network. It does what the sst program does (bundle the configuration, serve the components' questions) and
 * returns every resource with its inputs. `npm run sst:types` must have laid out .sst/platform.
 */
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { partitionOf } from '../../core/partition.ts';

export interface Resource {
  /** `aws:dynamodb/table:Table` */
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Synthesis {
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

export interface SynthesisOptions {
  /** The repository. */
  readonly root: string;
  readonly stage: string;
  readonly env?: Readonly<Record<string, string>>;
  /** us-east-1 by default. */
  readonly region?: string;
}

export const account = '123456789012';
export const defaultRegion = 'us-east-1';

/** Pulumi's mark of a secret value, whose `value` it wraps. */
const secretMark = '4dabf18193072939515e22adb298388d';

/** @throws when the program fails, with what it said */
export async function synthesize({
  root,
  stage,
  env = {},
  region = defaultRegion,
}: SynthesisOptions): Promise<Synthesis> {
  const platform = path.join(root, '.sst', 'platform');
  if (!existsSync(platform)) throw new Error('.sst/platform is not there: run `npm run sst:types` first');
  const folder = mkdtempSync(path.join(root, '.sst', 'synth-'));
  symlinkSync(path.join(platform, 'node_modules'), path.join(folder, 'node_modules'));
  // Setting mocks is a side effect, of which neither our package nor the platform has any.
  writeFileSync(path.join(folder, 'package.json'), '{ "sideEffects": true, "type": "module" }');
  const questions = await answerQuestions(root, region);
  try {
    const app = await evaluateApp(root, stage, folder);
    const program = path.join(folder, 'program.mjs');
    await build(programOptions({ root, platform, folder, app: { ...app, stage }, program, region }));
    const result = path.join(folder, 'result.json');
    const { code, output } = await run([program], {
      ...process.env,
      ...env,
      SYNTH_RESULT: result,
      SST_SERVER: `http://127.0.0.1:${(questions.address() as AddressInfo).port}`,
      SST_AWS_REGION: region,
      NODE_PATH: path.join(platform, 'node_modules'),
      NODE_OPTIONS: '--no-deprecation',
    });
    if (code !== 0 || !existsSync(result)) throw new Error(`the stacks failed (${code})\n${output}`);
    return JSON.parse(readFileSync(result, 'utf8'), unwrapSecrets) as Synthesis;
  } finally {
    questions.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface App {
  readonly name: string;
  readonly removal?: string;
  readonly protect?: boolean;
}

/** What `app()` of the configuration says. */
async function evaluateApp(root: string, stage: string, folder: string): Promise<App> {
  const file = path.join(folder, 'app.mjs');
  await build({
    ...commonOptions,
    stdin: {
      contents: `globalThis.$config = (config) => config; const { default: config } = await import('./sst.config.ts'); console.log(JSON.stringify(await config.app({ stage: ${JSON.stringify(stage)} })));`,
      resolveDir: root,
      loader: 'ts',
      sourcefile: 'app.ts',
    },
    external: ['./stacks/*'],
    outfile: file,
  });
  const { code, output } = await run([file], process.env);
  if (code !== 0) throw new Error(`app() failed\n${output}`);
  return { removal: 'retain', protect: false, ...(JSON.parse(output.trim().split('\n').at(-1) ?? '') as App) };
}

const commonOptions: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  mainFields: ['module', 'main'],
  logLevel: 'silent',
  banner: {
    js: `import { createRequire as __requireOf } from 'node:module'; import { fileURLToPath as __pathOf } from 'node:url'; const require = __requireOf(import.meta.url); const __filename = __pathOf(import.meta.url); const __dirname = __pathOf(new URL('.', import.meta.url));`,
  },
};

interface Program {
  readonly root: string;
  readonly region: string;
  readonly platform: string;
  readonly folder: string;
  readonly app: App & { readonly stage: string };
  readonly program: string;
}

/** How the sst program bundles a configuration: its globals are prepended to our files and injected. */
function programOptions({ root, platform, folder, app, program, region }: Program): BuildOptions {
  const cli = {
    command: 'deploy',
    dev: false,
    paths: { home: path.join(folder, 'home'), root, work: path.join(root, '.sst'), platform },
    state: { version: {} },
  };
  const mocks = path.join(folder, 'mocks.mjs');
  writeFileSync(mocks, mockProgram(app, region));
  const globals = `import * as aws from '@pulumi/aws'; import * as sst from ${JSON.stringify(path.join(platform, 'src/components'))};\n`;
  return {
    ...commonOptions,
    outfile: program,
    nodePaths: [path.join(platform, 'node_modules')],
    define: { $app: JSON.stringify(app), $cli: JSON.stringify(cli), $dev: 'false' },
    inject: [path.join(platform, 'src/shim/run.js')],
    external: [
      '@pulumi/*',
      'undici',
      '@pulumiverse/*',
      '@sst-provider/*',
      '@aws-sdk/*',
      'esbuild',
      'archiver',
      'glob',
      'vite',
    ],
    stdin: { resolveDir: root, sourcefile: 'eval.ts', loader: 'ts', contents: runProgram(root, platform, mocks) },
    plugins: [
      {
        name: 'sst-globals',
        setup(builder) {
          builder.onLoad({ filter: /\.ts$/ }, ({ path: file }) =>
            file === path.join(root, 'sst.config.ts') || file.startsWith(path.join(root, 'stacks'))
              ? { contents: globals + readFileSync(file, 'utf8'), loader: 'ts' }
              : undefined,
          );
        },
      },
    ],
  };
}

function runProgram(root: string, platform: string, mocks: string): string {
  return `
    import ${JSON.stringify(mocks)};
    import * as pulumi from '@pulumi/pulumi';
    import { writeFileSync } from 'node:fs';
    import { run } from ${JSON.stringify(path.join(platform, 'src/auto/run.ts'))};
    import config from ${JSON.stringify(path.join(root, 'sst.config.ts'))};
    let outputs = {};
    await pulumi.runtime.runInPulumiStack(async () => (outputs = await run(config.run)));
    // Resources bring further ones: it is over when none comes any more.
    for (let seen = -1; seen !== globalThis.synthesis.resources.length; ) {
      seen = globalThis.synthesis.resources.length;
      await new Promise((resolve) => setTimeout(resolve, 150));
      await pulumi.runtime.waitForRPCs?.();
    }
    const plain = {};
    for (const [name, value] of Object.entries(outputs)) plain[name] = pulumi.Output.isInstance(value) ? await value.promise() : value;
    writeFileSync(process.env.SYNTH_RESULT, JSON.stringify({ resources: globalThis.synthesis.resources, outputs: plain }));
    process.exit(0);`;
}

/** The mock runtime: what AWS would have filled in, and answers to what the components look up. */
function mockProgram(app: App & { readonly stage: string }, region: string): string {
  return `
    import * as pulumi from '@pulumi/pulumi';
    const synthesis = (globalThis.synthesis = { resources: [], errors: [] });
    const place = { account: ${JSON.stringify(account)}, region: ${JSON.stringify(region)} };
    const partition = ${JSON.stringify(partitionOf(region))};
    const arn = (service, rest) => 'arn:' + partition.name + ':' + service + ':' + place.region + ':' + place.account + ':' + rest;
    const conditionOf = (conditions = []) => conditions.length === 0 ? undefined : Object.fromEntries(conditions.map(({ test, variable, values }) => [test, { [variable]: values }]));
    const arns = {
      'aws:lb/loadBalancer:LoadBalancer': (name) => arn('elasticloadbalancing', 'loadbalancer/app/' + name + '/0123456789abcdef'),
      'aws:lb/targetGroup:TargetGroup': (name) => arn('elasticloadbalancing', 'targetgroup/' + name + '/0123456789abcdef'),
      'aws:lambda/function:Function': (name) => arn('lambda', 'function:' + name),
      'aws:dynamodb/table:Table': (name) => arn('dynamodb', 'table/' + name),
      'aws:sqs/queue:Queue': (name) => arn('sqs', name),
      'aws:cloudwatch/eventBus:EventBus': (name) => arn('events', 'event-bus/' + name),
      'aws:kms/key:Key': (name) => arn('kms', 'key/' + name),
      'aws:cloudwatch/logGroup:LogGroup': (name) => arn('logs', 'log-group:' + name),
      'aws:iam/role:Role': (name) => 'arn:' + partition.name + ':iam::' + place.account + ':role/' + name,
      'aws:s3/bucket:Bucket': (name) => 'arn:' + partition.name + ':s3:::' + name,
      'aws:s3/bucketV2:BucketV2': (name) => 'arn:' + partition.name + ':s3:::' + name,
    };
    const filled = ({ type, name, inputs }) => {
      const called = inputs.name ?? inputs.bucket ?? name;
      const [, service = 'aws'] = type.split(/[:/]/);
      const state = { name: called, arn: (arns[type] ?? ((rest) => arn(service, rest)))(called), ...inputs };
      if (type === 'aws:dynamodb/table:Table') state.streamArn = state.arn + '/stream/2026-01-01T00:00:00.000';
      if (type === 'aws:sqs/queue:Queue') state.url = 'https://sqs.' + place.region + '.' + partition.dnsSuffix + '/' + place.account + '/' + called;
      if (type === 'aws:lambda/function:Function') Object.assign(state, { version: '1', qualifiedArn: state.arn + ':1', invokeArn: state.arn });
      if (type === 'aws:lambda/functionUrl:FunctionUrl') state.functionUrl = 'https://abcdefghij.lambda-url.' + place.region + '.on.aws/';
      if (type === 'aws:lb/loadBalancer:LoadBalancer') state.dnsName = called + '.elb.amazonaws.com';
      if (type === 'aws:acm/certificate:Certificate') state.domainValidationOptions = [{ domainName: inputs.domainName, resourceRecordName: '_x', resourceRecordType: 'CNAME', resourceRecordValue: '_y' }];
      if (type.includes('randomBytes')) Object.assign(state, { base64: Buffer.alloc(inputs.length ?? 32, 7).toString('base64'), hex: '07'.repeat(32) });
      return state;
    };
    const calls = {
      'aws:index/getPartition:getPartition': () => ({ partition: partition.name, dnsSuffix: partition.dnsSuffix }),
      'aws:index/getRegion:getRegion': () => ({ name: place.region, region: place.region, id: place.region }),
      'aws:index/getCallerIdentity:getCallerIdentity': () => ({ accountId: place.account, arn: 'arn:' + partition.name + ':iam::' + place.account + ':user/ci', userId: 'ci' }),
      'aws:index/getAvailabilityZones:getAvailabilityZones': () => ({ names: ['a', 'b', 'c'].map((zone) => place.region + zone), zoneIds: ['use1-az1', 'use1-az2', 'use1-az3'] }),
      'aws:ec2/getAmi:getAmi': (inputs) => ({ ...inputs, id: 'ami-0123456789abcdef0' }),
      'aws:ssm/getParameter:getParameter': (inputs) => ({ ...inputs, value: 'ami-0123456789abcdef0' }),
      'aws:route53/getZone:getZone': (inputs) => ({ ...inputs, zoneId: 'Z0123456789', name: inputs.name }),
      'aws:iam/getPolicyDocument:getPolicyDocument': (inputs) => ({
        ...inputs,
        json: JSON.stringify({ Version: '2012-10-17', Statement: inputs.statements.map((one) => ({ Effect: one.effect ?? 'Allow', Action: one.actions, Resource: one.resources, Principal: one.principals, Condition: conditionOf(one.conditions) })) }),
      }),
    };
    pulumi.runtime.setMocks(
      {
        newResource: (resource) => {
          const state = filled(resource);
          synthesis.resources.push({ type: resource.type, name: resource.name, inputs: resource.inputs });
          return { id: resource.type === 'aws:sqs/queue:Queue' ? state.url : state.name, state };
        },
        call: ({ token, inputs }) => (calls[token] ?? ((same) => same))(inputs),
      },
      ${JSON.stringify(app.name)},
      ${JSON.stringify(app.stage)},
      false,
    );
    const failed = (error) => synthesis.errors.push(String(error?.stack ?? error));
    process.on('unhandledRejection', failed);
    process.on('uncaughtException', failed);
    process.on('exit', (code) => {
      if (synthesis.errors.length === 0 && code === 0) return;
      console.error(synthesis.errors.join('\\n') || 'an output was rejected, and the program waits for it');
      process.exitCode = code || 1;
    });`;
}

/** What the components ask the sst program while they run. Bundles are ours: it has none to build. */
async function answerQuestions(root: string, region: string): Promise<Server> {
  const bootstrap = {
    version: 5,
    asset: 'sst-asset',
    assetEcrRegistryId: account,
    assetEcrUrl: `${account}.dkr.ecr.${region}.amazonaws.com/sst-asset`,
    state: 'sst-state',
    appsyncHttp: '',
    appsyncRealtime: '',
  };
  const answers: Readonly<Record<string, (input: Question) => object>> = {
    'Provider.Aws.Bootstrap': () => bootstrap,
    'Runtime.Build': ({ bundle, handler = '' }) => {
      const out = path.resolve(root, bundle ?? '');
      const errors =
        bundle !== undefined && existsSync(path.join(out, `${path.parse(handler).name}.mjs`))
          ? []
          : [`${bundle}/${handler} is not there`];
      return { handler, out, errors, sourcemaps: [] };
    },
  };
  const server = createServer((request, response) => {
    void readJson(request).then(({ method, params: [input = {}] = [] }) => {
      const answer = answers[method];
      const message =
        answer === undefined ? { error: `this stand-in for sst does not answer ${method}` } : { result: answer(input) };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: 1, ...message }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

interface Question {
  readonly bundle?: string;
  readonly handler?: string;
}

async function readJson(
  request: IncomingMessage,
): Promise<{ readonly method: string; readonly params?: readonly Question[] }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as { method: string; params?: Question[] };
}

function unwrapSecrets(_member: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && secretMark in value
    ? (value as unknown as { value: unknown }).value
    : value;
}

function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}
