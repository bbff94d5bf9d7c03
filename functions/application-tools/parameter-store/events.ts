/** The events of Parameter Store, with the same members as AWS's (spec: events.md §10). */
import type { Context } from '../../../core/context.ts';
import { newEvent, type OutgoingEvent } from '../../../core/events.ts';
import { parameterArn } from './names.ts';
import type { Policy } from './policies.ts';
import type { VersionItem } from './store.ts';

export interface ParameterChange {
  readonly operation: 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion';
  readonly name: string;
  readonly type: string;
  readonly description?: string | undefined;
  /** An addition of Flotilla's for LabelParameterVersion: the version, and its new labels. */
  readonly version?: number;
  readonly labels?: readonly string[];
}

export interface ParameterPolicyAction {
  readonly 'policy-type': string;
  readonly 'parameter-name': string;
  readonly 'parameter-type': string;
  /** The policy, as JSON. */
  readonly 'policy-content': string;
  readonly 'action-status': 'Success';
  readonly 'action-reason': string;
}

export function parameterChanged(
  operation: ParameterChange['operation'],
  { name, type, description }: VersionItem,
  context: Context,
  labelled: Pick<ParameterChange, 'version' | 'labels'> = {},
): OutgoingEvent {
  return newEvent(context, 'Parameter Store Change', {
    resources: [parameterArn(name, context)],
    detail: {
      operation,
      name,
      type,
      ...(description === undefined ? {} : { description }),
      ...labelled,
    } satisfies ParameterChange,
  });
}

export function policyActed({ type, text }: Policy, item: VersionItem, context: Context): OutgoingEvent {
  return newEvent(context, 'Parameter Store Policy Action', {
    resources: [parameterArn(item.name, context)],
    detail: {
      'policy-type': type,
      'parameter-name': item.name,
      'parameter-type': item.type,
      'policy-content': text,
      'action-status': 'Success',
      'action-reason': reasonOf(type, text, item),
    } satisfies ParameterPolicyAction,
  });
}

function reasonOf(type: Policy['type'], text: string, item: VersionItem): string {
  const { Attributes: given } = JSON.parse(text) as { Attributes: Readonly<Record<string, unknown>> };
  const at = new Date(item.modifiedAt).toISOString();
  switch (type) {
    case 'Expiration':
      return `The parameter has expired and was deleted. Its policy set the expiration to ${String(given['Timestamp'])}.`;
    case 'ExpirationNotification':
      return `The parameter will expire in ${String(given['Before'])} ${String(given['Unit']).toLowerCase()}. This notification was generated based on the policy of version ${item.version}.`;
    case 'NoChangeNotification':
      return `The parameter has not been changed for ${String(given['After'])} ${String(given['Unit']).toLowerCase()}. This notification was generated based on the policy created at ${at}`;
  }
}
