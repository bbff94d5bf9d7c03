/** Flotilla as nodes see it: one port for the API and the nodes' door, over HTTP and TLS, Run Command behind it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CreateActivationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { issueKey } from '../../core/access-keys.ts';
import type { Context } from '../../core/context.ts';
import { signRequest, type Credentials } from '../../core/sigv4/sign.ts';
import { createApi, longestBody } from '../../functions/api/api.ts';
import { answerClientError, nodeHttpListener, serverOptions } from '../../functions/api/node-http.ts';
import { tables } from '../../functions/api/tables.ts';
import { createGateway, type Gateway } from '../../functions/gateway/gateway.ts';
import { hooks } from '../../functions/gateway/tables.ts';
import { timers } from '../../functions/registry.ts';
import { openCertificates } from '../../local/certificates.ts';
import { listen } from '../../local/listener.ts';
import { startTimers } from '../../local/timer-loop.ts';
import { testContext, type TestContext } from '../support/context.ts';
import { expectNothingRefused, guarded } from '../support/guarded.ts';
import { newIdentity, signedByNode, type NodeIdentity } from '../support/node-identity.ts';

export interface NodeFixture extends TestContext {
  readonly port: number;
  readonly ca: Buffer;
  readonly gateway: Gateway;
  /** An admin's. */
  readonly client: SSMClient;
}

export async function openNodeFixture(overrides: Partial<Context> = {}): Promise<NodeFixture> {
  const fixture = testContext(overrides);
  const api = createApi(tables);
  // Each part has the rights that it has on AWS.
  const apiContext = guarded('api', fixture.context);
  const gateway = await createGateway({ context: guarded('gateway', fixture.context), ...hooks });
  const loop = startTimers({
    state: fixture.state,
    handlers: timers,
    context: guarded('fire-timers', fixture.context),
  });
  const certificates = await openCertificates(path.join(fixture.folder, 'tls'), ['127.0.0.1']);
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    certificate: certificates,
    server: serverOptions,
    onRequest: nodeHttpListener(
      (request) => (gateway.takes(request) ? gateway.handle(request) : api(request, apiContext)),
      { longestBody },
    ),
    takesUpgrade: (request) => gateway.takesUpgrade(request),
    onUpgrade: (request, socket, head) => gateway.upgrade(request, socket, head),
    onClientError: answerClientError,
  });
  const key = await issueKey(fixture.context, { owner: { kind: 'person', name: 'admin', role: 'admin' } });
  await fixture.state.transact(key.writes);
  const client = new SSMClient({
    endpoint: `http://127.0.0.1:${listener.port}`,
    region: 'us-east-1',
    credentials: key,
    maxAttempts: 1,
  });
  return {
    ...fixture,
    port: listener.port,
    ca: readFileSync(certificates.caFile),
    gateway,
    client,
    close: async () => {
      client.destroy();
      await gateway.close();
      await listener.close(0);
      await loop.stop();
      await fixture.close();
      expectNothingRefused();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

/** A machine that registers and speaks as agents do. */
export class Machine {
  readonly fixture: Pick<NodeFixture, 'port'>;
  readonly identity: NodeIdentity;
  nodeId = '';

  constructor(fixture: Pick<NodeFixture, 'port'>, identity = newIdentity()) {
    this.fixture = fixture;
    this.identity = identity;
  }

  /** A machine that has registered with an activation of its own. */
  static async registered(fixture: NodeFixture): Promise<Machine> {
    const activation = await fixture.client.send(new CreateActivationCommand({ IamRole: 'NodeRole' }));
    const machine = new Machine(fixture);
    await machine.register(activation);
    return machine;
  }

  async register({
    ActivationId,
    ActivationCode,
  }: {
    readonly ActivationId?: string | undefined;
    readonly ActivationCode?: string | undefined;
  }): Promise<Answer> {
    const answer = await this.post(
      { 'x-amz-target': 'AmazonSSM.RegisterManagedInstance', 'content-type': 'application/x-amz-json-1.1' },
      {
        ActivationCode,
        ActivationId,
        Fingerprint: this.identity.fingerprint,
        PublicKey: this.identity.publicKey,
        PublicKeyType: 'Rsa',
      },
    );
    this.nodeId = (answer.json['InstanceId'] as string | undefined) ?? '';
    return answer;
  }

  /** The headers of a role-token request, signed with the machine's own key: send them again to replay it. */
  tokenHeaders(more: Partial<Parameters<typeof signedByNode>[0]> = {}): Record<string, string> {
    return {
      ...signedByNode({
        nodeId: this.nodeId,
        privateKey: this.identity.privateKey,
        operation: 'RequestManagedInstanceRoleToken',
        body: this.tokenBody,
        host: `127.0.0.1:${this.fixture.port}`,
        ...more,
      }).headers,
    };
  }

  get tokenBody(): object {
    return { Fingerprint: this.identity.fingerprint };
  }

  async credentials(): Promise<Credentials> {
    const { json } = await this.post(this.tokenHeaders(), this.tokenBody);
    return {
      accessKeyId: String(json['AccessKeyId']),
      secretAccessKey: String(json['SecretAccessKey']),
      sessionToken: String(json['SessionToken']),
    };
  }

  /** An operation of ssm with short-lived credentials. */
  async ssm(operation: string, input: object, credentials: Credentials): Promise<Answer> {
    const url = `http://127.0.0.1:${this.fixture.port}/`;
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonSSM.${operation}` };
    return this.post(
      signRequest({
        method: 'POST',
        url,
        headers,
        body: JSON.stringify(input),
        credentials,
        region: 'us-east-1',
        service: 'ssm',
      }),
      input,
    );
  }

  /** `Transfer-Encoding: chunked` without a length, as the agent sends what it signs with its own key. */
  async post(headers: Readonly<Record<string, string>>, body: object): Promise<Answer> {
    const stream = new Blob([JSON.stringify(body)]).stream();
    const response = await fetch(`http://127.0.0.1:${this.fixture.port}/`, {
      method: 'POST',
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'host')),
      body: stream,
      duplex: 'half',
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }
}
