/** What `npm start` prints at the end. Pure. */
import type { NodePatchState } from '../../functions/node-tools/patch-manager/index.ts';
import type { Connection } from '../connection-file.ts';

export interface SeenNode {
  readonly nodeId: string;
  readonly computerName: string;
  readonly platform: string;
  readonly agentVersion: string;
  readonly packages?: number | undefined;
  readonly patches?: Pick<NodePatchState, 'counts' | 'reports'> | undefined;
  /** What did not work, as sentences. */
  readonly troubles: readonly string[];
}

/**
 * The output may be kept in journals, so the secret is shown once, and later starts say where it is.
 * @param secretFile the file that has the secret; absent: the secret is shown
 */
export function summary(connection: Connection, secretFile: string | undefined, node: SeenNode | undefined): string {
  return `${node === undefined ? '' : nodeLines(node)}${connectionLines(connection, secretFile)}${tryLines(connection, secretFile, node)}`;
}

function nodeLines(node: SeenNode): string {
  const lines = [line('Node', `${node.nodeId}  ${node.computerName}, ${node.platform}, agent ${node.agentVersion}`)];
  if (node.packages !== undefined) lines.push(line('Packages', `${node.packages} known`));
  if (node.patches !== undefined) {
    const { counts, reports } = node.patches;
    lines.push(line('Patches', missing(counts.byState.Missing, counts.missingBySeverity)));
    lines.push(
      line('Reports', `s3://${reports.bucket}/${reports.csvKey}`),
      line('', `s3://${reports.bucket}/${reports.jsonKey}`),
    );
  }
  for (const trouble of node.troubles) lines.push(line('Trouble', trouble));
  return `${lines.join('\n')}\n\n`;
}

function missing(count: number, bySeverity: Readonly<Record<string, number>>): string {
  if (count === 0) return 'none missing';
  const severities = Object.entries(bySeverity)
    .filter(([, one]) => one > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([severity, one]) => `${one} ${severity || 'unspecified'}`);
  return `${count} missing: ${severities.join(', ')}`;
}

function connectionLines(
  { endpoint, accessKeyId, secretAccessKey, region, accountId }: Connection,
  secretFile: string | undefined,
): string {
  const told = secretFile === undefined ? secretAccessKey : `(its secret is in ${secretFile})`;
  return `${line('Endpoint', `${endpoint}  (account ${accountId}, ${region})`)}\n${line('Access key', `${accessKeyId}  ${told}`)}\n\n`;
}

/** Each line works on its own after the first one was pasted. */
function tryLines(
  { endpoint, accessKeyId, secretAccessKey, region }: Connection,
  secretFile: string | undefined,
  { nodeId, computerName }: Partial<Pick<SeenNode, 'nodeId' | 'computerName'>> = {},
): string {
  const key =
    secretFile === undefined
      ? secretAccessKey
      : `"$(sed -n 's/.*"secretAccessKey": "\\(.*\\)".*/\\1/p' ${quoted(secretFile)})"`;
  const environment = `export AWS_ENDPOINT_URL=${endpoint} AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${key} AWS_DEFAULT_REGION=${region}`;
  const commands =
    nodeId === undefined
      ? [
          'aws sts get-caller-identity',
          'aws ssm describe-instance-information',
          'aws ssm create-activation --iam-role service-role/FlotillaNode',
        ]
      : [
          'aws ssm describe-instance-information',
          `aws ssm send-command --document-name AWS-RunShellScript --instance-ids ${nodeId} --parameters 'commands=["uname -a","uptime"]'`,
          `aws ssm describe-instance-patches --instance-id ${nodeId} --filters Key=State,Values=Missing`,
        ];
  const exec = computerName ? `\n  With Flotilla's own:\n\n    npx flotilla exec ${computerName} -- uptime\n` : '';
  return `  With the AWS CLI:\n\n    ${[environment, ...commands].join('\n    ')}\n${exec}`;
}

/** Quotes a path for a shell. */
function quoted(file: string): string {
  return /^[\w@%+=:,./-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`;
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(11)} ${text}`;
}
