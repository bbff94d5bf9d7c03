/** The inventory types that are fixed (inventory.md §3.1). */

export interface AwsType {
  readonly name: string;
  /** Accepted schema versions, the newest last. */
  readonly versions: readonly string[];
  readonly attributes: readonly Attribute[];
  /** Without these an entry says nothing. */
  readonly required: readonly string[];
  /** Written by the service itself, never by PutInventory. */
  readonly generated?: true;
  /** Kept once for each value of this context key. */
  readonly subTypeBy?: string;
}

export interface Attribute {
  readonly name: string;
  readonly dataType: 'string' | 'number';
}

interface Options extends Partial<Pick<AwsType, 'required' | 'generated' | 'subTypeBy'>> {
  readonly versions?: readonly string[];
}

/** @param attributes names in their order, a number's followed by `:N` */
const type = (name: string, attributes: string, options: Options = {}): AwsType => ({
  name,
  versions: options.versions ?? ['1.0'],
  attributes: attributes
    .split(' ')
    .map((attribute): Attribute =>
      attribute.endsWith(':N')
        ? { name: attribute.slice(0, -2), dataType: 'number' }
        : { name: attribute, dataType: 'string' },
    ),
  required: options.required ?? [],
  ...(options.generated === undefined ? {} : { generated: options.generated }),
  ...(options.subTypeBy === undefined ? {} : { subTypeBy: options.subTypeBy }),
});

const bySeverity = (compliance: string): string =>
  ['Critical', 'High', 'Medium', 'Low', 'Informational', 'Unspecified']
    .map((severity) => `${compliance}${severity}Count:N`)
    .join(' ');

export const awsTypes: readonly AwsType[] = [
  type('AWS:AWSComponent', 'Name ApplicationType Publisher Version InstalledTime Architecture URL', {
    required: ['Name'],
  }),
  type(
    'AWS:Application',
    'Name ApplicationType Publisher Version Release Epoch InstalledTime Architecture URL Summary PackageId',
    { versions: ['1.0', '1.1'], required: ['Name'] },
  ),
  type('AWS:BillingInfo', 'BillingProductId', { required: ['BillingProductId'] }),
  type(
    'AWS:ComplianceItem',
    'Id Title Status Severity DocumentName DocumentVersion Classification PatchBaselineId PatchSeverity PatchState PatchGroup InstalledTime InstallOverrideList DetailedText DetailedLink CVEIds',
    { required: ['Status', 'Severity'], subTypeBy: 'ComplianceType' },
  ),
  type(
    'AWS:ComplianceSummary',
    `ComplianceType PatchGroup PatchBaselineId Status OverallSeverity ExecutionId ExecutionType ExecutionTime ${bySeverity('Compliant')} ${bySeverity('NonCompliant')}`,
    { required: ['ComplianceType'] },
  ),
  type(
    'AWS:File',
    'Name Size Description FileVersion InstalledDate ModificationTime LastAccessTime ProductName InstalledDir ProductLanguage CompanyName ProductVersion',
    { required: ['Name'] },
  ),
  type(
    'AWS:InstanceDetailedInformation',
    'CPUModel CPUCores:N CPUs:N CPUSpeedMHz:N CPUSockets:N CPUHyperThreadEnabled KernelVersion OSServicePack',
  ),
  type(
    'AWS:InstanceInformation',
    'AgentType AgentVersion ComputerName InstanceId IpAddress PlatformName PlatformType PlatformVersion ResourceType AgentStatus InstanceStatus',
    { generated: true },
  ),
  type('AWS:Network', 'Name SubnetMask Gateway DHCPServer DNSServer MacAddress IPV4 IPV6', { required: ['Name'] }),
  type('AWS:PatchCompliance', 'Title KBId Classification Severity State InstalledTime CVEIds', {
    required: ['Title', 'State'],
  }),
  type(
    'AWS:PatchSummary',
    'PatchGroup BaselineId SnapshotId OwnerInformation InstalledCount:N InstalledPendingRebootCount:N InstalledOtherCount:N InstalledRejectedCount:N NotApplicableCount:N UnreportedNotApplicableCount:N MissingCount:N FailedCount:N OperationType OperationStartTime OperationEndTime InstallOverrideList RebootOption LastNoRebootInstallOperationTime ExecutionId NonCompliantSeverity SecurityNonCompliantCount:N CriticalNonCompliantCount:N OtherNonCompliantCount:N',
    { required: ['BaselineId'] },
  ),
  type(
    'AWS:Process',
    'StartTime CommandLine User FileName FileVersion FileDescription FileSize CompanyName ProductName ProductVersion InstalledDate InstalledDir UsageId',
  ),
  type('AWS:Service', 'Name DisplayName ServiceType Status DependentServices ServicesDependedOn StartType', {
    required: ['Name'],
  }),
  type('AWS:Tag', 'Key Value', { generated: true }),
  type('AWS:WindowsRegistry', 'KeyPath ValueName ValueType Value', { required: ['KeyPath'] }),
  type(
    'AWS:WindowsRole',
    'Name DisplayName Path FeatureType DependsOn Description Installed InstalledState SubFeatures ServerComponentDescriptor Parent',
    { required: ['Name'] },
  ),
  type('AWS:WindowsUpdate', 'HotFixId Description InstalledTime InstalledBy', { required: ['HotFixId'] }),
];

const byName = new Map(awsTypes.map((awsType) => [awsType.name, awsType]));

export function awsTypeNamed(name: string): AwsType | undefined {
  return byName.get(name);
}
