#!/usr/bin/env node
/** `flotilla`, whatever Node is on the host. */
import { fileURLToPath } from 'node:url';
import { runOnNode24, runsSources } from '../core/on-node-24.js';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
if (runsSources) await import(program);
else await runOnNode24(program);
