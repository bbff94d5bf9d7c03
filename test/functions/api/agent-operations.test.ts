/** What agents alone call: what real agents send passes, and what nobody should send does not. */
import { describe, expect, test } from 'vitest';
import { agentVersion } from '../../../agent/version.ts';
import { loadService } from '../../../functions/api/loaded-service.ts';

const service = await loadService('ssm');
const violation = (operation: string, input: object): string => {
  try {
    service.check(service.operation(operation)!.input!)(input);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

const InstanceId = 'mi-0123456789abcdef0';
/** As AWS's agent sends it. */
const report = {
  AgentName: 'amazon-ssm-agent',
  AgentStatus: 'Active',
  AgentVersion: '3.3.0.0',
  AvailabilityZone: '',
  AvailabilityZoneId: '',
  ComputerName: 'vm',
  IPAddress: '192.0.2.2',
  InstanceId,
  PlatformName: 'Debian GNU/Linux',
  PlatformType: 'Linux',
  PlatformVersion: '12',
  SSMConnectionChannel: 'ssmmessages',
};

describe('UpdateInstanceInformation', () => {
  test.each([
    {},
    {
      ComputerName: '',
      IPAddress: '',
      PlatformName: 'Microsoft Windows Server 2022 Datacenter',
      PlatformType: 'Windows',
    },
    { AgentName: 'flotilla-agent', AgentVersion: agentVersion, SSMConnectionChannel: '' },
    { IPAddress: 'fe80::1%eth0', SSMConnectionChannel: 'ec2messages', PlatformType: 'MacOS' },
    { ComputerName: 'bücher.example', PlatformName: 'Ubuntu “Noble”', AvailabilityZone: 'us-east-1-bos-1a' },
  ])('%j passes', (more) => expect(violation('UpdateInstanceInformation', { ...report, ...more })).toBe(''));

  test.each([
    [{ PlatformType: 'Plan9' }, /'platformType'.*enum value set: \[Windows, Linux, MacOS\]/],
    [{ ComputerName: 'a\0b' }, /'computerName'/],
    [{ PlatformName: 'a\nb' }, /'platformName'/],
    [{ PlatformVersion: '\x7f' }, /'platformVersion'/],
    [{ AgentName: '\0' }, /'agentName'/],
    [{ AgentStatus: 'Active\0' }, /'agentStatus'/],
    [{ AgentVersion: 'newest' }, /'agentVersion'/],
    [{ AvailabilityZone: '\0' }, /'availabilityZone'/],
    [{ ComputerName: 'x'.repeat(256) }, /'computerName'/],
    [{ IPAddress: 'not an address' }, /'iPAddress'/],
    [{ IPAddress: '1'.repeat(47) }, /'iPAddress'/],
    [{ SSMConnectionChannel: 'carrier-pigeon' }, /'sSMConnectionChannel'/],
    [{ InstanceId: 'mi-1' }, /'instanceId'/],
  ])('%j does not', (more, message) =>
    expect(violation('UpdateInstanceInformation', { ...report, ...more })).toMatch(message),
  );
});

test.each<[string, object, boolean]>([
  [
    'RegisterManagedInstance',
    {
      ActivationId: '0f4a8e9c-0c1d-4b6e-9d3c-1f2e3d4c5b6a',
      ActivationCode: 'ABCDEFGHIJKLMNOPQRST',
      PublicKey: 'MIIBIjANBgkqhkiG9w0BAQ+/=',
      PublicKeyType: 'Rsa',
      Fingerprint: '6fa459ea-ee8a-4ca4-894e-db77e160355e',
    },
    true,
  ],
  ['RegisterManagedInstance', { ActivationId: 'a\0', ActivationCode: 'b', PublicKey: 'c' }, false],
  ['RegisterManagedInstance', { ActivationId: 'a', ActivationCode: 'b', PublicKey: '<c>' }, false],
  ['RequestManagedInstanceRoleToken', { Fingerprint: '6fa459ea-ee8a-4ca4-894e-db77e160355e' }, true],
  ['RequestManagedInstanceRoleToken', { Fingerprint: 'a b' }, false],
  ['UpdateManagedInstancePublicKey', { NewPublicKey: 'MIIB', NewPublicKeyType: 'R\0' }, false],
  [
    'UpdateInstanceAssociationStatus',
    {
      AssociationId: '0f4a8e9c-0c1d-4b6e-9d3c-1f2e3d4c5b6a',
      InstanceId,
      ExecutionResult: {
        Status: 'Failed',
        ErrorCode: 'ExecutionError',
        ExecutionDate: new Date(0),
        ExecutionSummary: '1 out of 1 plugin processed, 0 success, 1 failed, 0 timedout, 0 skipped. \nexit status 1',
        OutputUrl: { S3OutputUrl: { OutputUrl: 'https://s3.us-east-1.amazonaws.com/b/k' } },
      },
    },
    true,
  ],
  [
    'UpdateInstanceAssociationStatus',
    { AssociationId: 'a', InstanceId, ExecutionResult: { Status: 'Suc\0cess' } },
    false,
  ],
  [
    'PutConfigurePackageResult',
    {
      PackageName: 'arn:aws:ssm:us-east-1:123456789012:document/Pack_age-1.0',
      PackageVersion: '1.0',
      Operation: 'Install',
      Result: 0,
      OverallTiming: 12,
      Attributes: { platformName: 'debian', instanceID: InstanceId },
      Steps: [{ Action: 'install', Result: 0, Timing: 1 }],
    },
    true,
  ],
  ['PutConfigurePackageResult', { PackageName: 'a b' }, false],
  ['PutConfigurePackageResult', { Attributes: { a: 'x'.repeat(4097) } }, false],
  ['GetManifest', { PackageName: 'AWSPVDriver', PackageVersion: 'latest' }, true],
  ['GetManifest', { PackageName: '../\0' }, false],
])('%s %j: %s', (operation, input, passes) => expect(violation(operation, input) === '').toBe(passes));
