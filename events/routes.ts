/** What runs on which event, schedule or queue. It is the only wiring. `run` is a path, never an import (design §3). */
import type { Json } from '../core/state.ts';

/** A pattern of EventBridge over `detail`: `{"status": ["Success", {"prefix": "Fail"}]}`. */
export type DetailPattern = { readonly [member: string]: readonly Json[] | DetailPattern };

export type Trigger =
  /**
   * Our own events; with `alsoFromAws`, also AWS's events of the same type on the default bus. With `source`, another
   * service's events: from the default bus on AWS, and those posted to `/x/events`.
   */
  | {
      readonly detailTypes: readonly string[];
      readonly detail?: DetailPattern;
      readonly alsoFromAws?: true;
      readonly source?: `aws.${string}`;
    }
  /** A schedule of EventBridge Scheduler, on AWS. Locally timers fire when they are due. */
  | { readonly schedule: string }
  /** One of our queues, by its name in stacks/. */
  | { readonly queue: string };

export interface Route {
  readonly name: string;
  readonly on: Trigger;
  /** Module and export: `functions/clock/tick.handler`. */
  readonly run: `functions/${string}.handler`;
}

export const routes: readonly Route[] = [
  {
    name: 'record-patch-scan',
    on: {
      detailTypes: ['EC2 Command Invocation Status-change Notification'],
      detail: { 'document-name': ['AWS-RunPatchBaseline'], status: ['Success'] },
    },
    run: 'functions/node-tools/patch-manager/record-scan.handler',
  },
  {
    name: 'stop-commands-on-alarm',
    on: {
      source: 'aws.cloudwatch',
      detailTypes: ['CloudWatch Alarm State Change'],
      detail: { state: { value: ['ALARM'] } },
    },
    run: 'functions/node-tools/run-command/stop-on-alarm.handler',
  },
  {
    name: 'fail-undeliverable',
    on: { detailTypes: ['SSM Managed Instance Deregistration'] },
    run: 'functions/node-tools/run-command/fail-undeliverable.handler',
  },
  {
    name: 'forget-patches',
    on: { detailTypes: ['SSM Managed Instance Deregistration'] },
    run: 'functions/node-tools/patch-manager/forget-node.handler',
  },
  {
    name: 'forget-inventory',
    on: { detailTypes: ['SSM Managed Instance Deregistration'] },
    run: 'functions/node-tools/inventory/forget-node.handler',
  },
  {
    name: 'apply-associations',
    on: { detailTypes: ['SSM Managed Instance Registration', 'Flotilla Node Platform Change'] },
    run: 'functions/node-tools/state-manager/apply-to-node.handler',
  },
  {
    name: 'apply-associations-by-tags',
    on: { detailTypes: ['Flotilla Tag Change'], detail: { 'resource-type': ['ManagedInstance'] } },
    run: 'functions/node-tools/state-manager/apply-to-tagged-node.handler',
  },
  {
    name: 'apply-associations-by-group',
    on: { detailTypes: ['Flotilla Resource Group Change'] },
    run: 'functions/node-tools/state-manager/apply-to-group.handler',
  },
  {
    name: 'forget-associations',
    on: { detailTypes: ['SSM Managed Instance Deregistration'] },
    run: 'functions/node-tools/state-manager/forget-node.handler',
  },
  {
    name: 'publish-topic-message',
    on: { detailTypes: ['Flotilla Topic Message'] },
    run: 'functions/notifications/topics/publish-message.handler',
  },
  { name: 'tick', on: { schedule: 'rate(1 minute)' }, run: 'functions/clock/tick.handler' },
  { name: 'fire-timers', on: { queue: 'timers' }, run: 'functions/clock/fire-timers.handler' },
  { name: 'keep-dead-letters', on: { queue: 'dead-letters' }, run: 'functions/clock/keep-dead-letter.handler' },
];
