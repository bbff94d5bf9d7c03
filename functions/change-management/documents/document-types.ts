/** The types of documents with their rules. */
import type { DocumentType } from '@aws-sdk/client-ssm';
import { automation, changeTemplate } from './types/automation.ts';
import { changeCalendar } from './types/calendar.ts';
import { command, policy } from './types/command.ts';
import { applicationConfiguration, applicationConfigurationSchema, deploymentStrategy } from './types/configuration.ts';
import { packageRules } from './types/package.ts';
import type { TypeRules } from './types/rules.ts';
import { session } from './types/session.ts';
import { cloudFormation, opaque } from './types/template.ts';

export type { DocumentType };

export const documentTypes: Readonly<Record<DocumentType, TypeRules>> = {
  ApplicationConfiguration: applicationConfiguration,
  ApplicationConfigurationSchema: applicationConfigurationSchema,
  Automation: automation,
  'Automation.ChangeTemplate': changeTemplate,
  AutoApprovalPolicy: opaque,
  ChangeCalendar: changeCalendar,
  CloudFormation: cloudFormation,
  Command: command,
  ConformancePackTemplate: opaque,
  DeploymentStrategy: deploymentStrategy,
  ManualApprovalPolicy: opaque,
  Package: packageRules,
  Policy: policy,
  ProblemAnalysis: opaque,
  ProblemAnalysisTemplate: opaque,
  QuickSetup: opaque,
  Session: session,
};
