/**
 * A disk that is full under a running Flotilla: a clear error, nothing acknowledged is lost, and it goes on when there
 * is space.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { CreateActivationCommand, DescribeActivationsCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientOf, startServer, type ServerProcess } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const { folder, remove } = temporaryFolder();
const disk = path.join(folder, 'disk');

/** Why a small disk of our own cannot be had here; undefined where it can. */
const why = mount();

function mount(): string | undefined {
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error);
  }
}

describe.skipIf(why !== undefined)(
  `on a disk of 24 MB${why === undefined ? '' : ` (skipped: no mounts here: ${why})`}`,
  () => {
    let server: ServerProcess;
    const data = path.join(disk, 'data');
    const ballast = path.join(disk, 'ballast');
    beforeAll(async () => {
      server = await startServer(data, 0, path.join(folder, 'events'));
    });
    afterAll(async () => {
      await server.kill('SIGTERM');
      execFileSync('umount', ['-l', disk]);
      remove();
    });

    function fill(): void {
      const file = openSync(ballast, 'w');
      try {
        for (let size = 1 << 20; size >= 512; size >>= 1) {
          const block = Buffer.alloc(size, 'x');
          try {
            for (;;) if (writeSync(file, block) < size) break;
          } catch {
            // No more of this size.
          }
        }
      } finally {
        closeSync(file);
      }
    }

    test('writes are refused as unavailable, reads go on, and so does everything once there is space', async () => {
      const client = clientOf(server.connection);
      const make = () => client.send(new CreateActivationCommand({ IamRole: 'role', Description: 'x'.repeat(200) }));
      const acknowledged: string[] = [];
      for (let count = 0; count < 20; count++) acknowledged.push((await make()).ActivationId!);
      fill();
      let refusals = 0;
      // The write-ahead log has some pages left over: it takes a few writes until the disk counts.
      for (let count = 0; count < 400 && refusals < 20; count++) {
        try {
          acknowledged.push((await make()).ActivationId!);
        } catch (error) {
          refusals++;
          expect((error as { $metadata: { httpStatusCode?: number } }).$metadata.httpStatusCode).toBe(503);
          expect((error as Error).name).toMatch(/ServiceUnavailable/);
        }
      }
      expect(refusals).toBe(20);
      expect(
        (await client.send(new DescribeActivationsCommand({ MaxResults: 50 }))).ActivationList!.length,
      ).toBeGreaterThan(0);

      rmSync(ballast);
      for (let count = 0; count < 20; count++) acknowledged.push((await make()).ActivationId!);
      const all = async (): Promise<string[]> => {
        const found: string[] = [];
        let NextToken: string | undefined;
        do {
          const page = await clientOf(server.connection).send(
            new DescribeActivationsCommand({ MaxResults: 50, NextToken }),
          );
          found.push(...page.ActivationList!.map((one) => one.ActivationId!));
          NextToken = page.NextToken;
        } while (NextToken !== undefined);
        return found;
      };
      expect((await all()).sort()).toEqual([...acknowledged].sort());

      // And after a kill: what is on the disk is whole.
      await server.kill('SIGKILL');
      server = await startServer(data, 0, path.join(folder, 'events'));
      expect((await all()).sort()).toEqual([...acknowledged].sort());
    });
  },
);
