/** Where the rooms are joined: what is not here does not exist for the doors. */
import type * as AppConfig from '@aws-sdk/client-appconfig';
import type * as AppConfigData from '@aws-sdk/client-appconfigdata';
import type * as ResourceGroups from '@aws-sdk/client-resource-groups';
import type * as Contacts from '@aws-sdk/client-ssm-contacts';
import type * as Incidents from '@aws-sdk/client-ssm-incidents';
import type { AgentOperations } from '../core/agent-operations.ts';
import type { Extensions } from '../core/extensions.ts';
import type { Context, Operation } from '../core/context.ts';
import type { Operations, SsmOperations } from '../core/operations.ts';
import type { TimerHandler } from '../core/timers.ts';
import { taggableParameter } from './application-tools/parameter-store/index.ts';
import {
  extensions as parameterExtensions,
  operations as parameterStore,
  timers as parameterTimers,
} from './application-tools/parameter-store/operations.ts';
import { extensions as deadLetters } from './clock/dead-letters.ts';
import { taggableDocument } from './change-management/documents/index.ts';
import { operations as documents, timers as documentTimers } from './change-management/documents/operations.ts';
import { operations as fleetManager } from './node-tools/fleet-manager/operations.ts';
import {
  agentOperations as hybridActivationsAgent,
  operations as hybridActivations,
} from './node-tools/hybrid-activations/operations.ts';
import { operations as inventory } from './node-tools/inventory/operations.ts';
import { operations as patchManager } from './node-tools/patch-manager/operations.ts';
import { extensions as runCommandExtensions } from './node-tools/run-command/extensions.ts';
import {
  operations as runCommand,
  resumeCommands,
  timers as runCommandTimers,
} from './node-tools/run-command/operations.ts';
import { operations as sessionManager } from './node-tools/session-manager/operations.ts';
import { taggableAssociation } from './node-tools/state-manager/index.ts';
import {
  agentOperations as stateManagerAgent,
  operations as stateManager,
  timers as stateManagerTimers,
} from './node-tools/state-manager/operations.ts';
import { extensions as notifications, timers as notificationTimers } from './notifications/operations.ts';
import { operations as serviceSettings } from './service-settings/operations.ts';
import { taggableNode } from './nodes/index.ts';
import { timers as nodeTimers } from './nodes/operations.ts';
import { groupOperations, tagOperations, type TaggableKind } from './tags/operations.ts';

/** What can be tagged, and found by its tags. */
const taggableKinds: readonly TaggableKind[] = [taggableNode, taggableDocument, taggableAssociation, taggableParameter];

/** ssm's operations of the public API. */
export const ssm: SsmOperations = {
  ...documents,
  ...fleetManager,
  ...hybridActivations,
  ...inventory,
  ...parameterStore,
  ...patchManager,
  ...runCommand,
  ...serviceSettings,
  ...sessionManager,
  ...stateManager,
  ...tagOperations(taggableKinds),
};

/** ssm's operations that only agents call. */
export const agent: AgentOperations = { ...hybridActivationsAgent, ...stateManagerAgent };

/** ssm-contacts. */
export const contacts: Operations<typeof Contacts> = {};

/** ssm-incidents. */
export const incidents: Operations<typeof Incidents> = {};

export const appConfig: Operations<typeof AppConfig> = {};

export const appConfigData: Operations<typeof AppConfigData> = {};

/** ssm-quicksetup: no package has its types. */
export const quickSetup: Readonly<Record<string, Operation<never, object>>> = {};

export const resourceGroups: Operations<typeof ResourceGroups> = groupOperations(taggableKinds);

/** Ours, under /x/. */
export const extensions: Extensions = {
  ...deadLetters,
  ...notifications,
  ...runCommandExtensions,
  ...parameterExtensions,
};

/** What each kind of timer does. */
export const timers: Readonly<Record<string, TimerHandler<never>>> = {
  ...documentTimers,
  ...nodeTimers,
  ...notificationTimers,
  ...parameterTimers,
  ...runCommandTimers,
  ...stateManagerTimers,
};

/** The documents of AWS's names, each kept by the room that it belongs to; a Context carries them. */
export { ownedDocuments } from './owned-documents.ts';

/** What a process does when it starts, for the one that died before it; beside answering. */
export const onStart: readonly ((context: Context) => Promise<void>)[] = [resumeCommands];
