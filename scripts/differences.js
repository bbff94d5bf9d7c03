/**
 * Joins docs/differences/*.md, one file for each room, into docs/differences-from-aws.md. `--check` only reports
 * whether that file is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** `run-command.md` → Run Command */
const title = (file) =>
  file
    .replace('.md', '')
    .split('-')
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join(' ');

const docs = path.resolve(import.meta.dirname, '../docs');
const target = path.join(docs, 'differences-from-aws.md');
const head = `# Where Flotilla differs from AWS

Generated from docs/differences/ by \`node scripts/differences.js\`. Each point is a choice that was made because AWS's behaviour is
unpublished, cannot be had outside AWS, or has not been built yet.
`;
const parts = readdirSync(path.join(docs, 'differences'))
  .filter((file) => file.endsWith('.md'))
  .sort()
  .map(
    (file) =>
      `## ${title(file)}\n\n${readFileSync(path.join(docs, 'differences', file), 'utf8')
        .trim()
        .replace(/^# .*\n+/, '')}`,
  );
const text = `${[head.trim(), ...parts].join('\n\n')}\n`;
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('docs/differences-from-aws.md is stale: node scripts/differences.js');
  process.exit(1);
}
