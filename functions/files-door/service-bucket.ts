/**
 * The service's own bucket: made at the first start, with a lifecycle rule that removes what nobody can ask for any
 * more.
 */
import type { Context } from '../../core/context.ts';
import { setLifecycle } from './lifecycle.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * One day longer than commands are kept, because their uploads are useless without them (stacks/files.ts has the same
 * number).
 */
const days = 31;

const rule = (id: string, prefix: string): string =>
  `<Rule><ID>${id}</ID><Filter><Prefix>${prefix}</Prefix></Filter><Status>Enabled</Status><Expiration><Days>${days}</Days></Expiration></Rule>`;

/** Rules that an operator has set stay. */
export async function openServiceBucket(context: Context, files: ObjectStore): Promise<void> {
  await files.createBucket(context.serviceBucket);
  if ((await files.buckets.lifecycle(context.serviceBucket)) !== undefined) return;
  await setLifecycle(
    context.serviceBucket,
    `<LifecycleConfiguration>${rule('output', 'output/')}${rule('collected', 'collected')}</LifecycleConfiguration>`,
    { ...context, files },
  );
}
