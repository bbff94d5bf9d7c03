/**
 * Joins docs/differences/*.md, one for each room, into docs/differences-from-aws.md. `--check`
 * changes nothing, and fails if the page is not up to date.
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

\`node scripts/differences.js\` makes this page from docs/differences/. Each point has one of these reasons:

- AWS does not publish how it behaves;
- something cannot be had outside AWS;
- something has not been built yet.

"Our choice" marks a point where AWS's pages say nothing or contradict each other.
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
  console.error('docs/differences-from-aws.md is not up to date. Run: node scripts/differences.js');
  process.exit(1);
}
