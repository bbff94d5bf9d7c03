/** During a deploy: rows that newer code wrote, before code that does not know their shape. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { QueuedMessage } from '../../core/queue.ts';
import { RowTooNew } from '../../core/state.ts';
import { scheduleTimer, timerKey, type Timer } from '../../core/timers.ts';
import { fireTimer } from '../../functions/clock/fire-timer.ts';
import { sendTimers } from '../../functions/clock/send-timers.ts';
import type { TimerReference } from '../../functions/clock/timer-queue.ts';
import { deleteMessage, hideMessage, messageWrite, pendingMessages } from '../../functions/nodes/mailbox.ts';
import { messageKey } from '../../functions/nodes/store.ts';
import { testContext, type TestContext } from '../support/context.ts';

let flotilla: TestContext;
beforeEach(() => {
  flotilla = testContext();
});
afterEach(() => flotilla.close());

const nodeId = 'mi-0123456789abcdef0';
const newer = { shape: 2 };

test('a gateway leaves a message of a newer shape alone, and delivers the others', async () => {
  const { context, state } = flotilla;
  const message = (messageId: string) => messageWrite({ nodeId, messageId, kind: 'command', reference: {} });
  await state.write({ ...message('new'), ...newer });
  await state.write(message('old'));
  const pending = await pendingMessages(context, nodeId);
  expect(pending.map(({ messageId }) => messageId)).toEqual(['old']);
  const unknown = { nodeId, messageId: 'new', kind: 'command', reference: {} };
  await expect(hideMessage(context, unknown, 1)).rejects.toThrow(RowTooNew);
  await expect(state.write(deleteMessage(nodeId, 'new'))).rejects.toThrow(RowTooNew);
  expect(await state.get(messageKey(nodeId, 'new'), newer)).toMatchObject({ version: 1 });
});

test('a timer of a newer shape is neither sent nor fired, and stays for the newer code', async () => {
  const { context, state, clock } = flotilla;
  const timer = (id: string): Timer => ({ id, kind: 'k', key: 'e', due: clock.now(), payload: {} });
  await state.write({ ...scheduleTimer(timer('new')), ...newer });
  await state.write(scheduleTimer(timer('old')));
  const sent: QueuedMessage<TimerReference>[] = [];
  const timerQueue = {
    send: async (messages: readonly QueuedMessage<TimerReference>[]) => void sent.push(...messages),
  };
  await sendTimers({ ...context, timerQueue, bus: { publish: async () => [] } });
  expect(sent.map(({ body: { id } }) => id)).toEqual(['old']);
  let fired = 0;
  const handlers = { k: async () => void fired++ };
  await expect(fireTimer(timer('new'), handlers, context)).rejects.toThrow(RowTooNew);
  expect(await fireTimer(timer('old'), handlers, context)).toBe('done');
  expect(fired).toBe(1);
  expect(await state.get(timerKey(timer('new')), newer)).toMatchObject({ version: 1 });
});
