/**
 * The floor: what node:http, one signature and one SQLite read cost, and nothing else. Benchmarks of operations
 * are stated as a part of it, so that they mean the same on any machine.
 */
import { createServer, type Server } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto';

const secret = 'floor-secret';
export const floorCredentials = { accessKeyId: 'AKIAFLOORFLOORFLOORF', secretAccessKey: secret };

/** Answers a POST of `{"Name": …}` with the row of that name. @param file the SQLite file, made anew */
export function floorServer(file: string): Server {
  const database = new DatabaseSync(file);
  database.exec(
    'PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS rows (pk TEXT, sk TEXT, body TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID',
  );
  database
    .prepare('INSERT OR REPLACE INTO rows VALUES (?, ?, ?)')
    .run(
      'ROW#a',
      'ROW',
      JSON.stringify({ Name: 'a', Value: 'v'.repeat(200), Version: 1, LastModifiedDate: 1_700_000_000_123 }),
    );
  const select = database.prepare('SELECT body FROM rows WHERE pk = ? AND sk = ?');
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (!isSigned(request.headers as Record<string, string>, body)) return void response.writeHead(403).end();
      const { Name: name } = JSON.parse(body.toString()) as { Name: string };
      const row = select.get(`ROW#${name}`, 'ROW') as { body: string };
      const text = JSON.stringify({ Parameter: JSON.parse(row.body) as object });
      response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': Buffer.byteLength(text) })
        .end(text);
    });
  });
}

function isSigned(headers: Readonly<Record<string, string>>, body: Uint8Array): boolean {
  const [, scope = '', names = '', given = ''] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)/.exec(headers['authorization'] ?? '') ?? [];
  const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex');
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`);
  const canonical = ['POST', '/', '', lines.join(''), names, sha256(body)].join('\n');
  const signature = createHmac('sha256', keyOf(scope))
    .update(['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n'))
    .digest('hex');
  return signature.length === given.length && timingSafeEqual(Buffer.from(signature), Buffer.from(given));
}

const keys = new Map<string, KeyObject>();

function keyOf(scope: string): KeyObject {
  let key = keys.get(scope);
  if (key === undefined)
    keys.set(
      scope,
      (key = createSecretKey(
        scope
          .split('/')
          .reduce<string | Buffer>(
            (before, part) => createHmac('sha256', before).update(part).digest(),
            `AWS4${secret}`,
          ) as Buffer,
      )),
    );
  return key;
}
