#!/usr/bin/env node
// The command line is TypeScript, which Node runs from version 24 on. An older host has Node 24 all the same: it
// comes with the dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(main);
} else {
  const node = fileURLToPath(import.meta.resolve(`node-linux-${process.arch}/bin/node`));
  if (!existsSync(node)) {
    process.stderr.write(
      `flotilla needs Node 24 or newer; this is ${process.version}, and ${node} is not installed.\n`,
    );
    process.exit(1);
  }
  const { status, signal } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (signal !== null) process.kill(process.pid, signal);
  process.exitCode = status ?? 1;
}
