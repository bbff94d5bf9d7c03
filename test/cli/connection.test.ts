import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findConnection } from '../../cli/connection.ts';

const data = mkdtempSync(path.join(tmpdir(), 'flotilla-connection-'));
afterAll(() => rmSync(data, { recursive: true }));
writeFileSync(
  path.join(data, 'connection.json'),
  JSON.stringify({
    endpoint: 'http://127.0.0.1:1',
    accessKeyId: 'LOCAL',
    secretAccessKey: 'local',
    region: 'eu-west-1',
  }),
);

test('a key’s parts are of one family: the session token of AWS’s key, or of a function, goes with no other', () => {
  const aws = { AWS_ACCESS_KEY_ID: 'AWS', AWS_SECRET_ACCESS_KEY: 'aws', AWS_SESSION_TOKEN: 'token' };
  expect(findConnection({ data }, aws)).toMatchObject({
    accessKeyId: 'AWS',
    secretAccessKey: 'aws',
    sessionToken: 'token',
  });
  const own = { FLOTILLA_ACCESS_KEY_ID: 'OWN', FLOTILLA_SECRET_ACCESS_KEY: 'own' };
  expect(findConnection({ data }, { ...aws, ...own })).toMatchObject({
    accessKeyId: 'OWN',
    secretAccessKey: 'own',
    sessionToken: undefined,
  });
  expect(findConnection({ data }, { AWS_SESSION_TOKEN: 'of a function' })).toMatchObject({
    accessKeyId: 'LOCAL',
    secretAccessKey: 'local',
    sessionToken: undefined,
    region: 'eu-west-1',
  });
});
