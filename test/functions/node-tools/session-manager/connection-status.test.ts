import { expect, test } from 'vitest';
import { endGateway, openConnection, renewGateway } from '../../../../functions/nodes/index.ts';
import { room as sessionManagerRoom } from '../../../../functions/node-tools/session-manager/room.ts';
import { testContext } from '../../../support/context.ts';
import { makeNode } from '../../nodes/nodes-fixture.ts';

const operations = sessionManagerRoom.operations.ssm;

test('GetConnectionStatus is connected while a gateway that lives holds the node', async () => {
  const house = testContext();
  const Target = await makeNode(house.context);
  const status = async (target = Target) => operations.GetConnectionStatus({ Target: target }, house.as());
  expect(await status()).toEqual({ Target, Status: 'notconnected' });
  await renewGateway(house.context, 'gateway');
  await openConnection(house.context, Target, { gatewayId: 'gateway', connectionId: '1' });
  expect(await status()).toEqual({ Target, Status: 'connected' });
  expect(await status('mi-00000000000000000')).toMatchObject({ Status: 'notconnected' });
  await endGateway(house.context, 'gateway');
  expect(await status()).toMatchObject({ Status: 'notconnected' });
  await house.close();
});
