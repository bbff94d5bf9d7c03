/** GetServiceSetting, UpdateServiceSetting, ResetServiceSetting. */
import type { ServiceSetting } from '@aws-sdk/client-ssm';
import type { RequestContext } from '../../core/context.ts';
import type { SsmOperations } from '../../core/operations.ts';
import { arnOf, checkValue, defaultOf, settingNamed, type SettingId } from './catalogue.ts';
import { changeSetting, readSetting } from './settings.ts';
import type { SettingItem } from './store.ts';

export const operations = {
  GetServiceSetting: async ({ SettingId }, context) => {
    const id = settingNamed(SettingId, context);
    return { ServiceSetting: describe(id, (await readSetting(context, id))?.body, context) };
  },

  /** The new value takes effect at once. */
  UpdateServiceSetting: async ({ SettingId, SettingValue }, context) => {
    const id = settingNamed(SettingId, context);
    checkValue(id, SettingValue);
    await changeSetting(context, id, SettingValue);
    return {};
  },

  ResetServiceSetting: async ({ SettingId }, context) => {
    const id = settingNamed(SettingId, context);
    return { ServiceSetting: describe(id, await changeSetting(context, id, undefined), context) };
  },
} satisfies SsmOperations;

/** The name that AWS shows as the author of defaults. */
const system = 'System';

function describe(id: SettingId, item: SettingItem | undefined, context: RequestContext): ServiceSetting {
  const customized = item?.value !== undefined;
  return {
    SettingId: id,
    SettingValue: item?.value ?? defaultOf(id),
    ...(item === undefined ? {} : { LastModifiedDate: new Date(item.modifiedAt) }),
    LastModifiedUser: customized ? item.modifiedBy : system,
    ARN: arnOf(id, context),
    Status: customized ? 'Customized' : 'Default',
  };
}
