/** Describes what a command would do, as text. Pure. */
import { table } from '../table.ts';

/** The answer of `/x/commands/preview`. */
export interface Preview {
  readonly DocumentName: string;
  readonly DocumentVersion: string;
  readonly TargetCount: number;
  readonly Nodes: readonly PreviewedNode[];
  readonly MaxConcurrency: Limit;
  readonly MaxErrors: Limit;
  readonly Waves: readonly number[];
  readonly DeliveryTimeout: number;
  readonly ExpiresAfter: number;
  readonly RateExceeded: boolean;
  readonly Alarms: readonly string[];
  readonly Steps: readonly PreviewedStep[];
}

interface Limit {
  readonly Expression: string;
  readonly Nodes: number;
}

export interface PreviewedNode {
  readonly InstanceId: string;
  readonly Name: string;
  readonly ComputerName: string;
  readonly Platform: string;
  readonly PingStatus: string;
  readonly Supported: boolean;
}

interface PreviewedStep {
  readonly Name: string;
  readonly Action: string;
  readonly Platforms: Readonly<Record<string, string>>;
  readonly Inputs: readonly Readonly<Record<string, unknown>>[];
  readonly FromParameterStore: readonly string[];
}

/** The most nodes that are listed. */
const mostRows = 20;

export function previewWords(preview: Preview): string {
  return (
    [nodesText(preview), spreadText(preview), timesText(preview), stepsText(preview)]
      .filter((part) => part !== '')
      .join('\n\n') + '\n'
  );
}

function nodesText({ TargetCount: count, Nodes: nodes, RateExceeded }: Preview): string {
  if (count === 0) return 'No node is meant: the command would end at once.';
  const rows = nodes
    .slice(0, mostRows)
    .map((node) => [
      node.ComputerName || node.Name || '-',
      node.InstanceId,
      node.Platform || '-',
      node.PingStatus,
      node.Supported ? '' : 'not for its platform: ends at once',
    ]);
  const lines = [`${nodesOf(count)}:`, indent(table(['NODE', 'ID', 'PLATFORM', 'CONNECTION', ''], rows))];
  if (count > rows.length) lines.push(`  and ${count - rows.length} more`);
  const away = nodes.filter(({ PingStatus }) => PingStatus !== 'Online').length;
  if (away > 0)
    lines.push(
      `${away === 1 ? 'One' : away}${nodes.length < count ? ` of the first ${nodes.length}` : ''} ${away === 1 ? 'is' : 'are'} away.`,
    );
  if (RateExceeded)
    lines.push('They are more than this Flotilla lets wait: it would end as RateExceeded, and nothing would run.');
  return lines.join('\n');
}

function spreadText({ TargetCount: count, Waves, MaxConcurrency, MaxErrors, Alarms }: Preview): string {
  if (count === 0) return '';
  const alarms = Alarms.length > 0 ? [`The alarm ${Alarms.join(', ')} stops it, and cancels what runs.`] : [];
  if (count === 1) return ['It runs at once.', ...alarms].join('\n');
  return [
    startText(count, Waves),
    `At most ${MaxConcurrency.Nodes} run at once${percent(MaxConcurrency)}.`,
    stopText(count, MaxErrors),
    ...alarms,
  ].join('\n');
}

function startText(count: number, [first = 0, ...more]: readonly number[]): string {
  if (more.length === 0) return 'It runs on one after the other.';
  const underWay = first + more.reduce((sum, size) => sum + size, 0);
  const rest = underWay < count ? `, until ${underWay} are under way. Then the next is told when one ends` : '';
  return `It begins on ${first}. Each time all that were told have taken it, more are told: ${more.join(', ')}${rest}.`;
}

function stopText(count: number, limit: Limit): string {
  if (limit.Nodes >= count) return 'No number of failures stops it.';
  const when =
    limit.Nodes === 0
      ? `The first failure stops it${percent(limit)}`
      : `It stops when more than ${limit.Nodes} have failed${percent(limit)}`;
  return `${when}: nothing more is told, what runs goes on to its end.`;
}

function percent({ Expression }: Limit): string {
  return Expression.endsWith('%') ? ` (${Expression})` : '';
}

function timesText({ DeliveryTimeout, ExpiresAfter, TargetCount }: Preview): string {
  if (TargetCount === 0) return '';
  return `A node that is away gets it if it comes back within ${duration(DeliveryTimeout)}. After ${duration(ExpiresAfter)} whatever is still open has timed out.`;
}

function stepsText({ DocumentName, DocumentVersion, Steps }: Preview): string {
  return [`${DocumentName}, version ${DocumentVersion}:`, ...Steps.map(stepText)].join('\n');
}

function stepText(step: PreviewedStep, index: number): string {
  const lines = [`${index + 1}. ${step.Name} (${step.Action})`];
  for (const [platform, verdict] of Object.entries(step.Platforms))
    if (verdict !== 'run') lines.push(`   on ${platform}: ${verdict === 'skip' ? 'left out' : `fails: ${verdict}`}`);
  if (!Object.values(step.Platforms).includes('run')) return lines.join('\n');
  for (const inputs of step.Inputs)
    for (const [name, value] of Object.entries(inputs)) {
      // Values that are not set, and those that only name the entry.
      if (value === '' || name === 'id') continue;
      const isScript = name.toLowerCase() === 'runcommand';
      lines.push(
        ...(isScript
          ? linesOf(value).map((line) => `   | ${line}`)
          : [`   ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`]),
      );
    }
  if (step.FromParameterStore.length > 0)
    lines.push(`   the node puts in from Parameter Store: ${step.FromParameterStore.join(', ')}`);
  return lines.join('\n');
}

function linesOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((line) => String(line).split('\n'));
}

function nodesOf(count: number): string {
  return count === 1 ? 'One node' : `${count} nodes`;
}

function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'an hour', 'hours'],
    [Math.floor(seconds / 60) % 60, 'a minute', 'minutes'],
    [seconds % 60, 'a second', 'seconds'],
  ] as const;
  const said = parts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => (count === 1 ? one : `${count} ${many}`));
  return said.length > 1 ? `${said.slice(0, -1).join(', ')} and ${said.at(-1)}` : (said[0] ?? 'no time');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
