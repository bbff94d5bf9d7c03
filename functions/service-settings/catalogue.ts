/** AWS's settings, their allowed values and their defaults. Pure. */
import { ValidationException } from '../../core/errors.ts';
import { partitionOf } from '../../core/partition.ts';
import { ServiceSettingNotFound } from './errors.ts';

interface Setting {
  /** Absent where AWS has no default. */
  readonly byDefault?: string;
  /** The allowed values, case-sensitive; or a pattern for the value. */
  readonly values: readonly string[] | RegExp;
}

const oneOf = (byDefault: string, ...others: readonly string[]): Setting => ({
  byDefault,
  values: [byDefault, ...others],
});

const settings = {
  '/ssm/appmanager/appmanager-enabled': oneOf('True', 'False'),
  '/ssm/automation/customer-script-log-destination': { values: ['CloudWatch'] },
  '/ssm/automation/customer-script-log-group-name': {
    byDefault: '/aws/ssm/automation/executeScript',
    values: /^[\w.\-/#]{1,512}$/,
  },
  '/ssm/automation/enable-adaptive-concurrency': oneOf('False', 'True'),
  '/ssm/documents/console/public-sharing-permission': oneOf('Enable', 'Disable'),
  '/ssm/managed-instance/activation-tier': oneOf('standard', 'advanced'),
  // A role's name, with its path if it has one.
  '/ssm/managed-instance/default-ec2-instance-management-role': {
    byDefault: '$None',
    values: /^(?:\$None|(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64})$/,
  },
  '/ssm/opsinsights/opscenter': oneOf('Disabled', 'Enabled'),
  '/ssm/parameter-store/default-parameter-tier': oneOf('Standard', 'Advanced', 'Intelligent-Tiering'),
  '/ssm/parameter-store/high-throughput-enabled': oneOf('false', 'true'),
} satisfies Readonly<Record<string, Setting>>;

export type SettingId = keyof typeof settings;

export const settingIds = Object.keys(settings) as SettingId[];

export function defaultOf(id: SettingId): string | undefined {
  const setting: Setting = settings[id];
  return setting.byDefault;
}

/**
 * The setting that a request names: as `/ssm/…`, or as an ARN of this account and Region.
 * @throws ServiceSettingNotFound
 */
export function settingNamed(
  idOrArn: string,
  location: { readonly account: string; readonly region: string },
): SettingId {
  const prefix = arnOf('', location);
  const id = idOrArn.startsWith(prefix) ? idOrArn.slice(prefix.length) : idOrArn;
  if (!Object.hasOwn(settings, id)) throw new ServiceSettingNotFound(`Setting ${idOrArn} not found.`);
  return id as SettingId;
}

export function arnOf(id: string, { account, region }: { readonly account: string; readonly region: string }): string {
  return `arn:${partitionOf(region).name}:ssm:${region}:${account}:servicesetting${id}`;
}

/** @throws ValidationException */
export function checkValue(id: SettingId, value: string): void {
  const { values }: Setting = settings[id];
  if (values instanceof RegExp ? values.test(value) : values.includes(value)) return;
  throw new ValidationException(
    values instanceof RegExp
      ? `The value ${value} is not valid for the setting ${id}.`
      : `The value ${value} is not valid for the setting ${id}. Valid values: ${values.join(', ')}.`,
  );
}
