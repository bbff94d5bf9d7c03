/** Who may call which operation: three roles for people, an explicit list for nodes (design §6). */
import type { Caller, Role } from './caller.ts';
import { AccessDeniedException } from './errors.ts';
import { partitionOf } from './partition.ts';

/** A call, before it runs. */
export interface Call {
  /** The name of its event source: `ssm`. */
  readonly service: string;
  readonly operation: string;
  /** Decoded, not yet checked. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly account: string;
  readonly region: string;
}

/**
 * The operations that a node may call, each with the input member that names the node: it must be the node's own id.
 * The list is AmazonSSMManagedInstanceCore's, without what no agent calls.
 */
const nodeOperations: Readonly<Record<string, string | undefined>> = {
  'ssm:DescribeAssociation': 'InstanceId',
  'ssm:DescribeDocument': undefined,
  'ssm:GetDeployablePatchSnapshotForInstance': 'InstanceId',
  'ssm:GetDocument': undefined,
  'ssm:GetManifest': undefined,
  'ssm:GetParameter': undefined,
  'ssm:GetParameters': undefined,
  'ssm:ListInstanceAssociations': 'InstanceId',
  'ssm:PutComplianceItems': 'ResourceId',
  'ssm:PutConfigurePackageResult': undefined,
  'ssm:PutInventory': 'InstanceId',
  'ssm:UpdateAssociationStatus': 'InstanceId',
  'ssm:UpdateInstanceAssociationStatus': 'InstanceId',
  'ssm:UpdateInstanceInformation': 'InstanceId',
  'sts:GetCallerIdentity': undefined,
};

/**
 * Operations called without one of our signatures: a code or the node's own key proves who calls, and the room verifies
 * it.
 */
const unsignedOperations: ReadonlySet<string> = new Set([
  'ssm:RegisterManagedInstance',
  'ssm:RequestManagedInstanceRoleToken',
  'ssm:UpdateManagedInstancePublicKey',
]);

/** Whether an operation may come without a signature. RegisterManagedInstance may come with one too. */
export function isUnsigned(service: string, operation: string): boolean {
  return unsignedOperations.has(`${service}:${operation}`);
}

/** Whether an operation changes nothing. Viewers may call it, and it leaves no audit record. */
export function isReadOnly(operation: string): boolean {
  return /^(Get|Head|List|Describe|BatchGet|Search)/.test(operation) && operation !== 'GetAccessToken';
}

/**
 * @throws AccessDeniedException
 */
export function authorize(caller: Caller, call: Call): void {
  if (!isAllowed(caller, call)) throw accessDenied(caller, call);
}

function isAllowed(caller: Caller, { service, operation, input }: Call): boolean {
  switch (caller.kind) {
    case 'service':
      return true;
    case 'person':
      return caller.role !== 'viewer' || (isReadOnly(operation) && input['WithDecryption'] !== true);
    case 'node': {
      const name = `${service}:${operation}`;
      if (!Object.hasOwn(nodeOperations, name)) return false;
      const member = nodeOperations[name];
      return member === undefined || input[member] === undefined || input[member] === caller.nodeId;
    }
    case 'anonymous':
      return isUnsigned(service, operation);
  }
}

/**
 * For rooms that only learn from their own rows which node a call is about.
 * @throws AccessDeniedException when the caller is a node, and not this one
 */
export function assertOwnNode(caller: Caller, nodeId: string, call: Omit<Call, 'input'>): void {
  if (caller.kind === 'node' && caller.nodeId !== nodeId)
    throw accessDenied(caller, { ...call, input: { InstanceId: nodeId } });
}

/** @throws AccessDeniedException unless the caller is a person with one of the roles, or the service itself */
export function assertRole(caller: Caller, roles: readonly Role[], call: Omit<Call, 'input'>): void {
  if (caller.kind === 'service' || (caller.kind === 'person' && roles.includes(caller.role))) return;
  throw accessDenied(caller, { ...call, input: {} });
}

function accessDenied(caller: Caller, call: Call): AccessDeniedException {
  return new AccessDeniedException(
    `User: ${caller.arn} is not authorized to perform: ${call.service}:${call.operation} on resource: ${resourceOf(call)}`,
  );
}

/** The ARN of what the call is about, for the input members that all operations share. */
function resourceOf({ service, input, account, region }: Call): string {
  const place = `arn:${partitionOf(region).name}:${service}:${region}:${account}`;
  for (const member of ['ResourceArn', 'resourceArn', 'Arn', 'arn'])
    if (typeof input[member] === 'string' && input[member].startsWith('arn:')) return input[member];
  const name = input['Name'];
  if (service === 'ssm' && typeof name === 'string')
    return name.startsWith('arn:')
      ? name
      : 'WithDecryption' in input
        ? `${place}:parameter/${name.replace(/^\//, '')}`
        : `${place}:document/${name}`;
  const node = input['InstanceId'];
  if (typeof node === 'string')
    return node.startsWith('i-')
      ? `arn:${partitionOf(region).name}:ec2:${region}:${account}:instance/${node}`
      : `${place}:managed-instance/${node}`;
  return `${place}:*`;
}
