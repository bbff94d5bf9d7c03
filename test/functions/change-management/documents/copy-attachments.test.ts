/** Attachments are copied within a call's deadline, and the rest in the next calls. */
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../../../core/clock.ts';
import { unfinished } from '../../../../core/timers.ts';
import { room } from '../../../../functions/change-management/documents/room.ts';
import { resolveDocument } from '../../../../functions/change-management/documents/index.ts';
import type { DiskFiles } from '../../../../local/disk-files.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { openDiskFiles } from '../../../support/files-door.ts';
import { temporaryFolder, testStart } from '../../../support/state.ts';
import { timersLeft } from '../../../support/timers.ts';

let flotilla: TestContext;
let files: DiskFiles;
let remove: () => void;
beforeEach(async () => {
  const temporary = temporaryFolder();
  remove = temporary.remove;
  files = openDiskFiles(temporary.folder, new ManualClock(testStart));
  flotilla = testContext({ files });
  await files.createBucket(flotilla.context.serviceBucket);
  await files.createBucket('sources');
});
afterEach(async () => {
  await flotilla.close();
  await files.close();
  remove();
});

test('a call that is late copies one file and leaves the others to the next calls', async () => {
  for (const name of ['a.sh', 'b.sh', 'c.sh']) await files.put('sources', `pkg/${name}`, Readable.from([name]));
  const handler = room.timers['copy-attachments'];
  const { CreateDocument, DescribeDocument } = room.operations.ssm;
  await CreateDocument(
    {
      Name: 'Doc',
      DocumentType: 'Command',
      Content: JSON.stringify({
        schemaVersion: '2.2',
        mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: ['true'] } }],
      }),
      Attachments: [{ Key: 'SourceUrl', Values: ['s3://sources/pkg'] }],
    },
    flotilla.as(),
  );
  const [timer] = await timersLeft(flotilla.state);
  const late = { ...flotilla.context, deadline: { remaining: () => 0 } };
  const describe = async () => (await DescribeDocument({ Name: 'Doc' }, flotilla.as())).Document!;
  const stored = async () => (await files.list(flotilla.context.serviceBucket, { prefix: '' })).files.length;
  for (const copied of [1, 2]) {
    expect(await handler(timer!, late)).toBe(unfinished);
    expect(await stored()).toBe(copied);
    expect((await describe()).Status).toBe('Creating');
  }
  expect(await handler(timer!, late)).toBeUndefined();
  expect(await describe()).toMatchObject({
    Status: 'Active',
    AttachmentsInformation: [{ Name: 'a.sh' }, { Name: 'b.sh' }, { Name: 'c.sh' }],
  });
  expect(await timersLeft(flotilla.state)).toEqual([]);
});

/** A document of an admin's, with one file attached that was stored like this. */
async function attach(byAdmin: boolean): Promise<boolean> {
  await files.put('sources', 'pkg/run.sh', Readable.from(['true']), { byAdmin });
  const { CreateDocument } = room.operations.ssm;
  await CreateDocument(
    {
      Name: 'Attached',
      DocumentType: 'Command',
      Content: JSON.stringify({
        schemaVersion: '2.2',
        mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: ['true'] } }],
      }),
      Attachments: [{ Key: 'SourceUrl', Values: ['s3://sources/pkg'] }],
    },
    flotilla.as(),
  );
  const [timer] = await timersLeft(flotilla.state);
  await room.timers['copy-attachments'](timer!, flotilla.context);
  const document = await resolveDocument(flotilla.context, 'Attached');
  expect(document.status).toBe('Active');
  return document.byAdmin;
}

test.each([true, false])('an admin’s document is an admin’s work if admins stored its files: %s', async (byAdmin) => {
  expect(await attach(byAdmin)).toBe(byAdmin);
});

test('the files of a deleted document are removed within the deadline too, and the rest in the next calls', async () => {
  const { serviceBucket } = flotilla.context;
  for (let place = 0; place < 230; place++)
    await files.put(serviceBucket, `documents/id/${place}/a`, Readable.from('a'));
  await files.put(serviceBucket, 'documents/id2/1/a', Readable.from('a'));
  const purge = room.timers['purge-document'];
  const timer = { id: 't', kind: 'purge-document', key: 'id', due: 0, payload: {} };
  const late = { ...flotilla.context, deadline: { remaining: () => 0 } };
  const left: number[] = [];
  for (;;) {
    const outcome = await purge(timer, late);
    left.push((await files.list(serviceBucket, { prefix: 'documents/' })).files.length);
    if (outcome !== unfinished) break;
  }
  expect(left).toEqual([131, 31, 1]);
});
