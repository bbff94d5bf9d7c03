import { expect, test } from 'vitest';
import { endGateway, openConnection, renewGateway } from '../../../../functions/nodes/index.ts';
import { room as sessionManagerRoom } from '../../../../functions/node-tools/session-manager/room.ts';
import { testContext } from '../../../support/context.ts';
import { makeNode } from '../../nodes/nodes-fixture.ts';

const operations = sessionManagerRoom.operations.ssm;

test('GetConnectionStatus is connected while a gateway that lives holds the node', async () => {
  const fixture = testContext();
  const Target = await makeNode(fixture.context);
  const status = async (target = Target) => operations.GetConnectionStatus({ Target: target }, fixture.as());
  expect(await status()).toEqual({ Target, Status: 'notconnected' });
  await renewGateway(fixture.context, 'gateway');
  await openConnection(fixture.context, Target, { gatewayId: 'gateway', connectionId: '1' });
  expect(await status()).toEqual({ Target, Status: 'connected' });
  expect(await status('mi-00000000000000000')).toMatchObject({ Status: 'notconnected' });
  await endGateway(fixture.context, 'gateway');
  expect(await status()).toMatchObject({ Status: 'notconnected' });
  await fixture.close();
});
