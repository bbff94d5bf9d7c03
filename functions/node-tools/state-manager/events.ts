/** The events of State Manager, key for key as AWS writes them. */
import { documentArn, nodeArn } from '../../../core/arns.ts';
import type { Context } from '../../../core/context.ts';
import { newEvent, type OutgoingEvent } from '../../../core/events.ts';
import { coarse } from './states.ts';
import type { AssociationItem, NodeAssociationItem } from './store.ts';

export interface AssociationStateChange {
  readonly 'association-id': string;
  readonly 'association-name'?: string;
  readonly 'document-name': string;
  readonly 'association-version': string;
  /** `Optional.empty` where the association names none: AWS's own words. */
  readonly 'document-version': string;
  /** JSON text. */
  readonly targets: string;
  readonly 'creation-date': string;
  readonly 'last-successful-execution-date'?: string;
  readonly 'last-execution-date'?: string;
  readonly 'last-updated-date': string;
  readonly status: string;
  /** JSON text. */
  readonly 'association-status-aggregated-count': string;
  readonly 'schedule-expression'?: string;
  readonly 'association-cwe-version': '1.0';
}

export interface InstanceAssociationStateChange {
  readonly 'association-id': string;
  readonly 'association-name'?: string;
  readonly 'instance-id': string;
  readonly 'document-name': string;
  readonly 'document-version': string;
  /** JSON text. */
  readonly targets: string;
  readonly 'creation-date': string;
  readonly 'last-successful-execution-date'?: string;
  readonly 'last-execution-date'?: string;
  readonly status: string;
  readonly 'detailed-status': string;
  readonly 'error-code': string;
  readonly 'execution-summary': string;
  readonly 'output-url': string;
  readonly 'instance-association-cwe-version': '1';
}

/** @param association as it is from now on */
export function associationChanged(
  association: AssociationItem,
  context: Context,
): OutgoingEvent<AssociationStateChange> {
  return newEvent(context, 'EC2 State Manager Association State Change', {
    resources: [documentResource(association, context)],
    detail: {
      'association-id': association.associationId,
      ...named(association),
      'document-name': association.documentName,
      'association-version': String(association.associationVersion),
      'document-version': association.documentVersion ?? 'Optional.empty',
      targets: targetsText(association),
      'creation-date': iso(association.createdAt),
      ...dates(association),
      'last-updated-date': iso(association.updatedAt),
      status: association.status,
      'association-status-aggregated-count': JSON.stringify(association.counts),
      ...(association.scheduleExpression === undefined
        ? {}
        : { 'schedule-expression': association.scheduleExpression }),
      'association-cwe-version': '1.0',
    },
  });
}

/** @param node as it is from now on */
export function nodeAssociationChanged(
  association: AssociationItem,
  node: NodeAssociationItem,
  context: Context,
): OutgoingEvent<InstanceAssociationStateChange> {
  return newEvent(context, 'EC2 State Manager Instance Association State Change', {
    resources: [nodeArn(context, node.nodeId), documentResource(association, context)],
    detail: {
      'association-id': association.associationId,
      ...named(association),
      'instance-id': node.nodeId,
      'document-name': association.documentName,
      'document-version': node.documentVersion,
      targets: targetsText(association),
      'creation-date': iso(association.createdAt),
      ...dates(association),
      status: coarse(node.state),
      'detailed-status': node.state,
      'error-code': node.errorCode ?? '',
      'execution-summary': node.executionSummary ?? node.detail ?? '',
      'output-url': node.outputUrl ?? '',
      'instance-association-cwe-version': '1',
    },
  });
}

function documentResource({ documentName }: AssociationItem, context: Context): string {
  const owned = context.ownedDocuments.some((document) => document.name === documentName);
  return documentArn(context, documentName, owned ? 'Amazon' : context.account);
}

function named({ associationName }: AssociationItem): { 'association-name'?: string } {
  return associationName === undefined ? {} : { 'association-name': associationName };
}

function targetsText({ targets }: AssociationItem): string {
  return JSON.stringify(targets.map(({ Key, Values }) => ({ key: Key, values: Values })));
}

function dates({ lastExecutionAt, lastSuccessAt }: AssociationItem) {
  return {
    ...(lastSuccessAt === undefined ? {} : { 'last-successful-execution-date': iso(lastSuccessAt) }),
    ...(lastExecutionAt === undefined ? {} : { 'last-execution-date': iso(lastExecutionAt) }),
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
