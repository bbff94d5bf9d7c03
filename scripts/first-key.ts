/**
 * The first access key of a Flotilla on AWS, for whoever may read its function's configuration and use its
 * table and keys: nobody else can let the first person in.
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
Object.assign(process.env, JSON.parse(await text(process.stdin)) as Record<string, string>);
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
