/** Where the rooms are joined: what is not here does not exist for the doors. */
import { room as parameterStore } from './application-tools/parameter-store/room.ts';
import { room as documents } from './change-management/documents/room.ts';
import { room as clock } from './clock/room.ts';
import { joinRooms } from './join-rooms.ts';
import { room as fleetManager } from './node-tools/fleet-manager/room.ts';
import { room as hybridActivations } from './node-tools/hybrid-activations/room.ts';
import { room as inventory } from './node-tools/inventory/room.ts';
import { room as patchManager } from './node-tools/patch-manager/room.ts';
import { room as runCommand } from './node-tools/run-command/room.ts';
import { room as sessionManager } from './node-tools/session-manager/room.ts';
import { room as stateManager } from './node-tools/state-manager/room.ts';
import { room as nodes } from './nodes/room.ts';
import { room as notifications } from './notifications/room.ts';
import type { Room } from './room.ts';
import { room as serviceSettings } from './service-settings/room.ts';
import { roomOver as tagsOver } from './tags/room.ts';

const rooms: readonly Room[] = [
  clock,
  documents,
  fleetManager,
  hybridActivations,
  inventory,
  nodes,
  notifications,
  parameterStore,
  patchManager,
  runCommand,
  serviceSettings,
  sessionManager,
  stateManager,
];

export const { operations, agentOperations, extensions, timers, messages, ownedDocuments, onStart } = joinRooms([
  ...rooms,
  tagsOver(rooms.flatMap(({ taggableKinds = [] }) => taggableKinds)),
]);
