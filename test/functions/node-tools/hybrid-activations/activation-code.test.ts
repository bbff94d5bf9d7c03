import { expect, test } from 'vitest';
import { randomIds } from '../../../../core/ids.ts';
import { room as hybridActivationsRoom } from '../../../../functions/node-tools/hybrid-activations/room.ts';
import { testContext } from '../../../support/context.ts';

const operations = hybridActivationsRoom.operations.ssm;

test('an activation code can be pasted behind an option, whatever was drawn', async () => {
  const fixture = testContext({ ids: { ...randomIds, secret: (bytes) => `-${randomIds.secret(bytes).slice(1)}` } });
  try {
    const { ActivationCode } = await operations.CreateActivation({ IamRole: 'role' }, fixture.as());
    expect(ActivationCode).toMatch(/^\w[\w-]{19}$/);
  } finally {
    await fixture.close();
  }
});
