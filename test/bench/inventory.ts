/**
 * PutInventory, each node with its own credentials: unchanged by its hash, and with 500 entries that have changed.
 *
 *   npm run bench -- inventory [SECONDS]
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { HttpClient } from '../../core/http-client.ts';
import { RoleCredentials } from '../../agent/role-credentials.ts';
import { silentLog } from '../../core/log.ts';
import { enrol } from '../../simulate/enrol.ts';
import { startServer } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';
import { connections, measureInTurn, type SignedBody } from './load.ts';

const seconds = Number(process.argv[2] ?? 5);
const entries = 500;
const nodes = 64;

const { folder, remove } = temporaryFolder();
const server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
const { connection } = server;
const at = { endpoint: connection.endpoint, pid: server.pid };
try {
  const registrations = await enrol({
    ...connection,
    credentials: connection,
    nodes,
    activations: 1,
    keyPairs: 1,
    tags: {},
  });
  const http = new HttpClient(connection.caFile);
  const callers = await Promise.all(
    registrations.map(async (registration) => ({
      nodeId: registration.nodeId,
      credentials: await new RoleCredentials(http, registration, () => undefined, silentLog).get(),
    })),
  );
  http.close();

  const content = (version: string): object[] =>
    Array.from({ length: entries }, (_, place) => ({
      Name: `package-${place}`,
      ApplicationType: 'misc',
      Publisher: 'A publisher',
      Version: version,
      Architecture: 'x86_64',
      URL: 'https://example.com/',
      PackageId: `package-${place}_${version}_amd64.deb`,
    }));
  const item = (Content: object[]): object => ({
    TypeName: 'AWS:Application',
    SchemaVersion: '1.1',
    CaptureTime: '2026-01-05T09:00:00Z',
    ContentHash: createHash('md5').update(JSON.stringify(Content)).digest('base64'),
    Content,
  });
  // A node's report differs from its last one every time: its turn comes with the other version.
  const changed: SignedBody[] = ['1.0', '2.0'].flatMap((version) =>
    callers.map(({ nodeId, credentials }) => ({
      credentials,
      body: JSON.stringify({ InstanceId: nodeId, Items: [item(content(version))] }),
    })),
  );
  const known = content('2.0');
  const { Content: _content, ...unchangedItem } = item(known) as { Content: object };
  const unchanged: SignedBody[] = callers.map(({ nodeId, credentials }) => ({
    credentials,
    body: JSON.stringify({ InstanceId: nodeId, Items: [unchangedItem] }),
  }));

  await report(`${entries} entries that have changed`, changed);
  await measureInTurn(at, 'AmazonSSM.PutInventory', changed.slice(nodes), 1);
  await report('unchanged', unchanged);
} finally {
  await server.kill('SIGTERM');
  remove();
}

async function report(what: string, bodies: readonly SignedBody[]): Promise<void> {
  await measureInTurn(at, 'AmazonSSM.PutInventory', bodies, 1);
  const { rate, cost } = await measureInTurn(at, 'AmazonSSM.PutInventory', bodies, seconds);
  console.log(
    `PutInventory, ${what}: ${rate.toFixed(0)}/s, ${cost.toFixed(0)} µs of processor time each (${nodes} nodes in turn, ${connections} connections, ${seconds} s)`,
  );
}
