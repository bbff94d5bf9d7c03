/**
 * The manifest of a room: all that it gives the registry, in one object. Each room exports it as `room` from its
 * `room.ts`, which only the registry imports.
 *
 * @example
 * export const room = {
 *   name: 'run-command',
 *   operations: { ssm: { SendCommand: sendCommand } },
 *   timers: { [progressKind]: handleProgress },
 * } satisfies Room;
 */
import type * as AppConfig from '@aws-sdk/client-appconfig';
import type * as AppConfigData from '@aws-sdk/client-appconfigdata';
import type * as ResourceGroups from '@aws-sdk/client-resource-groups';
import type * as Contacts from '@aws-sdk/client-ssm-contacts';
import type * as Incidents from '@aws-sdk/client-ssm-incidents';
import type { AgentOperations } from '../core/agent-operations.ts';
import type { Context, Operation } from '../core/context.ts';
import type { Extensions } from '../core/extensions.ts';
import type { RenderMessage } from '../core/node-message.ts';
import type { Operations, SsmOperations } from '../core/operations.ts';
import type { OwnedDocument } from '../core/owned-documents.ts';
import type { TimerHandler } from '../core/timers.ts';
import type { TaggableKind } from './tags/index.ts';

/** Operations by the service that they belong to. An operation of the wrong shape does not compile. */
export interface ServiceOperations {
  readonly ssm?: SsmOperations;
  readonly 'ssm-contacts'?: Operations<typeof Contacts>;
  readonly 'ssm-incidents'?: Operations<typeof Incidents>;
  readonly appconfig?: Operations<typeof AppConfig>;
  readonly appconfigdata?: Operations<typeof AppConfigData>;
  /** No package has their types. */
  readonly 'ssm-quicksetup'?: Readonly<Record<string, Operation<never, object>>>;
  readonly 'resource-groups'?: Operations<typeof ResourceGroups>;
}

export interface Room {
  /** The folder's name: `run-command`. */
  readonly name: string;
  /** Operations of the public API. */
  readonly operations?: ServiceOperations;
  /** ssm's operations that only agents call. */
  readonly agentOperations?: AgentOperations;
  /** Calls beside AWS's API, under `/x/`. */
  readonly extensions?: Extensions;
  /** What each kind of timer does. */
  readonly timers?: Readonly<Record<string, TimerHandler<never>>>;
  /** Documents under AWS's names. */
  readonly ownedDocuments?: readonly OwnedDocument[];
  /** Kinds of resources that can be tagged, and found by their tags. */
  readonly taggableKinds?: readonly TaggableKind[];
  /** How each kind of message to a node is rendered. */
  readonly messages?: Readonly<Record<string, RenderMessage>>;
  /** What a process does when it starts, for the one that died before it. */
  readonly onStart?: readonly ((context: Context) => Promise<void>)[];
}
