import { expect, test } from 'vitest';
import { joinRooms } from '../../functions/join-rooms.ts';
import type { Room } from '../../functions/room.ts';

const one: Room = {
  name: 'one',
  operations: { ssm: { GetConnectionStatus: async () => ({ Target: 'one' }) } },
  timers: { wake: async () => {} },
  messages: { command: async () => undefined },
  extensions: { 'GET /x/one': { roles: ['admin'], run: async () => ({}) } },
};

test('joins what rooms give, by service and by name', () => {
  const other: Room = {
    name: 'other',
    operations: { ssm: { CancelCommand: async () => ({}) }, 'ssm-incidents': { DeleteResponsePlan: async () => ({}) } },
  };
  const joined = joinRooms([one, other]);
  expect(Object.keys(joined.operations.ssm ?? {})).toEqual(['GetConnectionStatus', 'CancelCommand']);
  expect(Object.keys(joined.operations['ssm-incidents'] ?? {})).toEqual(['DeleteResponsePlan']);
  expect(Object.keys(joined.timers)).toEqual(['wake']);
  expect(Object.keys(joined.messages)).toEqual(['command']);
});

const claims: readonly (readonly [string, Partial<Room>])[] = [
  ['operation of ssm GetConnectionStatus', { operations: { ssm: { GetConnectionStatus: async () => ({}) } } }],
  ['kind of timer wake', { timers: { wake: async () => {} } }],
  ['kind of message command', { messages: { command: async () => undefined } }],
  ['extension GET /x/one', { extensions: { 'GET /x/one': { roles: [], run: async () => ({}) } } }],
];

test.each(claims)('two rooms cannot both claim the %s', (what, claim) => {
  expect(() => joinRooms([one, { name: 'other', ...claim }])).toThrow(`two rooms claim the ${what}: one and other`);
});
