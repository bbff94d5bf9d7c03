/** An association as the API shows it. Pure. */
import type { Association, AssociationDescription, AssociationOverview } from '@aws-sdk/client-ssm';
import type { AssociationItem } from './store.ts';

export function describe(item: AssociationItem): AssociationDescription {
  return {
    ...summarize(item),
    Date: new Date(item.createdAt),
    LastUpdateAssociationDate: new Date(item.updatedAt),
    LastSuccessfulExecutionDate: date(item.lastSuccessAt),
    Parameters: item.parameters,
    OutputLocation: item.outputLocation,
    MaxConcurrency: item.maxConcurrency,
    MaxErrors: item.maxErrors,
    ComplianceSeverity: item.complianceSeverity,
    SyncCompliance: item.syncCompliance,
    ApplyOnlyAtCronInterval: false,
  };
}

/** @param overview Create answers with one of its own */
export function summarize(item: AssociationItem, overview: AssociationOverview = overviewOf(item)): Association {
  return {
    AssociationId: item.associationId,
    AssociationName: item.associationName,
    AssociationVersion: String(item.associationVersion),
    Name: item.documentName,
    DocumentVersion: item.documentVersion,
    InstanceId: item.instanceId,
    Targets: item.targets,
    ScheduleExpression: item.scheduleExpression,
    LastExecutionDate: date(item.lastExecutionAt),
    Overview: overview,
  };
}

function overviewOf({ status, detailedStatus, counts }: AssociationItem): AssociationOverview {
  return { Status: status, DetailedStatus: detailedStatus, AssociationStatusAggregatedCount: { ...counts } };
}

function date(milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds);
}
