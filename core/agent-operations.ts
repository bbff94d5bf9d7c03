/**
 * The operations of ssm that only agents call. No public client has them: their shapes are what amazon-ssm-agent sends
 * and reads (docs/nodes.md).
 */
import type { Operation } from './context.ts';

export interface RegisterManagedInstanceInput {
  readonly ActivationId: string;
  readonly ActivationCode: string;
  /** Base64 of the DER SubjectPublicKeyInfo, RSA. */
  readonly PublicKey: string;
  readonly PublicKeyType?: string;
  readonly Fingerprint?: string;
}

export interface RequestManagedInstanceRoleTokenOutput {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly TokenExpirationDate: Date;
  readonly UpdateKeyPair: boolean;
}

export interface UpdateInstanceInformationInput {
  readonly InstanceId: string;
  readonly AgentName?: string;
  readonly AgentStatus?: string;
  readonly AgentVersion?: string;
  readonly PlatformType?: string;
  readonly PlatformName?: string;
  readonly PlatformVersion?: string;
  readonly IPAddress?: string;
  readonly ComputerName?: string;
  readonly AvailabilityZone?: string;
  readonly AvailabilityZoneId?: string;
  readonly SSMConnectionChannel?: string;
}

export interface InstanceAssociation {
  readonly AssociationId: string;
  readonly InstanceId: string;
  readonly Name: string;
  readonly DocumentVersion: string;
  readonly AssociationVersion: string;
  readonly Checksum: string;
  readonly Parameters?: Readonly<Record<string, readonly string[]>>;
  readonly ScheduleExpression?: string;
  readonly DetailedStatus: string;
  readonly Status?: string;
  readonly LastExecutionDate?: Date;
  readonly OutputLocation?: {
    readonly S3Location?: {
      readonly OutputS3BucketName?: string;
      readonly OutputS3KeyPrefix?: string;
      readonly OutputS3Region?: string;
    };
  };
  readonly Targets?: readonly { readonly Key?: string; readonly Values?: readonly string[] }[];
}

export interface UpdateInstanceAssociationStatusInput {
  readonly AssociationId: string;
  readonly InstanceId: string;
  readonly ExecutionResult: {
    readonly Status: string;
    readonly ErrorCode?: string;
    readonly ExecutionDate?: Date;
    readonly ExecutionSummary?: string;
    readonly OutputUrl?: { readonly S3OutputUrl?: { readonly OutputUrl?: string } };
  };
}

export interface AgentOperations {
  readonly RegisterManagedInstance?: Operation<RegisterManagedInstanceInput, { readonly InstanceId: string }>;
  readonly RequestManagedInstanceRoleToken?: Operation<
    { readonly Fingerprint?: string },
    RequestManagedInstanceRoleTokenOutput
  >;
  readonly UpdateManagedInstancePublicKey?: Operation<
    { readonly NewPublicKey: string; readonly NewPublicKeyType?: string },
    object
  >;
  readonly UpdateInstanceInformation?: Operation<UpdateInstanceInformationInput, object>;
  readonly ListInstanceAssociations?: Operation<
    { readonly InstanceId: string; readonly MaxResults?: number; readonly NextToken?: string },
    { readonly Associations: readonly InstanceAssociation[]; readonly NextToken?: string | undefined }
  >;
  readonly UpdateInstanceAssociationStatus?: Operation<UpdateInstanceAssociationStatusInput, object>;
  readonly GetManifest?: Operation<
    { readonly PackageName: string; readonly PackageVersion?: string },
    { readonly Manifest: string }
  >;
  readonly PutConfigurePackageResult?: Operation<Readonly<Record<string, unknown>>, object>;
}
