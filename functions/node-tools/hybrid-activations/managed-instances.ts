/** DeregisterManagedInstance, UpdateManagedInstanceRole, UpdateInstanceInformation. */
import { revokeNodeKeys } from '../../../core/access-keys.ts';
import type { AgentOperations } from '../../../core/agent-operations.ts';
import { AccessDeniedException } from '../../../core/errors.ts';
import type { SsmOperations } from '../../../core/operations.ts';
import { markOnServiceMachine, recordPing, removeNode, setNodeRole } from '../../nodes/index.ts';
import { nodeDeregistered } from './events.ts';
import { checkRoleName } from './iam-role.ts';
import { isOnServiceMachine } from './service-machine.ts';

export const managedInstanceOperations = {
  DeregisterManagedInstance: async ({ InstanceId: nodeId }, context) => {
    await removeNode(context, nodeId, (node) => [nodeDeregistered(context, nodeId, node)]);
    await revokeNodeKeys(context, nodeId);
    return {};
  },

  /** The new role is used from the node's next role token on. */
  UpdateManagedInstanceRole: async ({ InstanceId: nodeId, IamRole: role }, context) => {
    checkRoleName(context, role);
    await setNodeRole(context, nodeId, role);
    return {};
  },
} satisfies SsmOperations;

export const reportOperations = {
  /** @throws AccessDeniedException unless the caller is the node itself; InvalidInstanceId once it is deregistered */
  UpdateInstanceInformation: async (input, context) => {
    const { caller } = context;
    if (caller.kind !== 'node' || caller.nodeId !== input.InstanceId) {
      context.log.warn('report of another node refused', { caller: caller.arn, nodeId: input.InstanceId });
      throw new AccessDeniedException(
        `User: ${caller.arn} is not authorized to perform: ssm:UpdateInstanceInformation on resource: ${input.InstanceId}`,
      );
    }
    if (caller.onServiceMachine !== true && (await isOnServiceMachine(context)))
      await markOnServiceMachine(context, input.InstanceId);
    await recordPing(context, input.InstanceId, {
      agentName: input.AgentName,
      agentVersion: input.AgentVersion,
      platformType: input.PlatformType,
      platformName: input.PlatformName,
      platformVersion: input.PlatformVersion,
      ipAddress: input.IPAddress,
      computerName: input.ComputerName,
      availabilityZone: input.AvailabilityZone,
      availabilityZoneId: input.AvailabilityZoneId,
    });
    return {};
  },
} satisfies AgentOperations;
