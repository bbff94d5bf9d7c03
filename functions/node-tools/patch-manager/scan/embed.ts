/**
 * Copies scan.sh into documents/AWS-RunPatchBaseline.yaml, which nodes get. Run it after each change of the script:
 * `node functions/node-tools/patch-manager/scan/embed.ts`. A test compares the two.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const script = new URL('./scan.sh', import.meta.url);
const document = new URL('../documents/AWS-RunPatchBaseline.yaml', import.meta.url);

/** The script is the last part of the document, below this line. */
const opening = '        - |\n';
const indent = ' '.repeat(10);

const text = readFileSync(document, 'utf8');
const lines = readFileSync(script, 'utf8').trimEnd().split('\n');
writeFileSync(
  document,
  `${text.slice(0, text.lastIndexOf(opening) + opening.length)}${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}\n`,
);
