/**
 * Makes the first access key of a Flotilla on AWS. Its user needs the rights to read the function's configuration, and
 * to use the table and keys.
 *
 *   aws lambda get-function-configuration --function-name flotilla-STAGE-tick --query Environment.Variables \
 *     | npm run --silent first-key -- NAME
 */
import { text } from 'node:stream/consumers';
import { issueKey } from '../core/access-keys.ts';
import { awsContext } from '../aws/context.ts';
import { silentLog } from '../core/log.ts';

const [name = 'admin'] = process.argv.slice(2);
if (!/^[\w+=,.@-]{1,64}$/.test(name)) {
  console.error('The name must be 1 to 64 letters, digits or any of + = , . @ _ -');
  process.exit(1);
}
Object.assign(process.env, readVariables(await text(process.stdin)));
process.env.AWS_REGION ??= process.env.AWS_DEFAULT_REGION;

const context = awsContext(silentLog);
const key = await issueKey(context, { owner: { kind: 'person', name, role: 'admin' } });
await context.state.transact(key.writes);
console.log(
  JSON.stringify(
    { AccessKeyId: key.accessKeyId, SecretAccessKey: key.secretAccessKey, Name: name, Role: 'admin' },
    null,
    2,
  ),
);

function readVariables(input: string): Record<string, string> {
  try {
    return JSON.parse(input) as Record<string, string>;
  } catch {
    console.error(
      'Standard input must be the variables of the function, as JSON:\n' +
        '  aws lambda get-function-configuration --function-name flotilla-STAGE-tick --query Environment.Variables',
    );
    process.exit(1);
  }
}
