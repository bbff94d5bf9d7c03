/** `flotilla events post`, from a file and from standard input. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

const program = path.join(import.meta.dirname, '../../cli/flotilla.mjs');
let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const event = (id: string): object => ({
  id,
  source: 'com.example',
  'detail-type': 'Deployment',
  detail: { version: id },
});

async function post(file?: string, input = ''): Promise<{ status: number | null; out: string; error: string }> {
  const child = spawn(process.execPath, [program, 'events', 'post', ...(file === undefined ? [] : [file])], {
    env: {
      PATH: process.env['PATH'] ?? '',
      FLOTILLA_ENDPOINT: door.endpoint,
      FLOTILLA_ACCESS_KEY_ID: door.credentials.accessKeyId,
      FLOTILLA_SECRET_ACCESS_KEY: door.credentials.secretAccessKey,
    },
  });
  child.stdin.end(input);
  const [out, error, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { status, out, error };
}

test('one from a file, several from standard input', async () => {
  const file = path.join(door.folder, 'event.json');
  writeFileSync(file, JSON.stringify(event('e1')));
  expect(await post(file)).toEqual({ status: 0, out: 'e1 posted\n', error: '' });
  expect(await post(undefined, JSON.stringify([event('e2'), event('e3')]))).toEqual({
    status: 0,
    out: 'e2 posted\ne3 posted\n',
    error: '',
  });
  const told = (await door.state.readChanges(0, 100))
    .map((change) => change.event)
    .filter(({ source }) => source === 'com.example');
  expect(told.map(({ id }) => id)).toEqual(['e1', 'e2', 'e3']);
});

test('what is no event is refused, by whoever notices first', async () => {
  expect(await post(undefined, 'nonsense')).toMatchObject({
    status: 2,
    error: 'flotilla: that is not JSON of an event\n',
  });
  expect(await post(undefined, '{}')).toMatchObject({
    status: 254,
    error: expect.stringContaining('source must be a text') as string,
  });
});
