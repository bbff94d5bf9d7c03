import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { whyNot } from '../../lint/import-one-way.js';
import { doors, layers } from '../../lint/layers.js';

const root = path.resolve(import.meta.dirname, '../..');

test('every room that exists has a place in the layers', () => {
  const groups = ['node-tools', 'change-management', 'application-tools', 'operations-tools'];
  const folders = (parent: string): string[] => {
    try {
      return readdirSync(path.join(root, parent), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${parent}/${entry.name}`);
    } catch {
      return [];
    }
  };
  const rooms = folders('functions').flatMap((folder) =>
    groups.includes(path.basename(folder)) ? folders(folder) : [folder],
  );
  const placed = [...layers.flat(), ...doors];
  expect(rooms.filter((room) => !placed.includes(room))).toEqual([]);
});

test('a room imports lower rooms by their index, and never upward', () => {
  expect(whyNot('functions/node-tools/run-command/commands.ts', 'functions/nodes/index.ts')).toBeUndefined();
  expect(whyNot('functions/node-tools/run-command/commands.ts', 'functions/nodes/store.ts')).toMatch(/index.ts only/);
  expect(whyNot('functions/nodes/node.ts', 'functions/node-tools/run-command/index.ts')).toMatch(
    /upward goes by event/,
  );
  expect(whyNot('functions/node-tools/run-command/commands.ts', 'functions/node-tools/compliance/index.ts')).toMatch(
    /layer 3/,
  );
  expect(whyNot('functions/nodes/node.ts', 'functions/gateway/index.ts')).toMatch(/door/);
});

test('a manifest is for the registry alone', () => {
  expect(whyNot('functions/registry.ts', 'functions/nodes/room.ts')).toBeUndefined();
  expect(whyNot('functions/nodes/room.ts', 'functions/room.ts')).toBeUndefined();
  expect(whyNot('functions/api/tables.ts', 'functions/nodes/room.ts')).toMatch(/registry alone/);
  expect(whyNot('local/flotilla.ts', 'functions/nodes/room.ts')).toMatch(/registry alone/);
});

test('the doors may import rooms; core imports nothing above itself', () => {
  expect(whyNot('functions/gateway/index.ts', 'functions/node-tools/run-command/index.ts')).toBeUndefined();
  expect(whyNot('core/state.ts', 'functions/nodes/index.ts')).toMatch(/core\/ imports only/);
  expect(whyNot('functions/nodes/node.ts', 'local/sqlite-state.ts')).toMatch(/composed/);
  expect(whyNot('local/compose.ts', 'functions/registry.ts')).toBeUndefined();
});
