/** Reading and changing settings, for other rooms. */
import type { Context, RequestContext } from '../../core/context.ts';
import type { Row } from '../../core/state.ts';
import { defaultOf, type SettingId } from './catalogue.ts';
import { settingKey, type SettingItem } from './store.ts';

/**
 * A setting's value; `undefined` where it is not set and has no default.
 * @example const tier = await settingOf(context, '/ssm/parameter-store/default-parameter-tier');
 */
export async function settingOf(context: Context, id: SettingId): Promise<string | undefined> {
  return (await readSetting(context, id))?.body.value ?? defaultOf(id);
}

export function readSetting(context: Context, id: SettingId): Promise<Row<SettingItem> | undefined> {
  return context.state.get<SettingItem>(settingKey(id));
}

/**
 * Sets a setting, or resets it.
 * @param value already checked; `undefined` resets to the default
 * @param before the value that it must still have, where that matters
 * @throws ConditionFailed when it has another value
 */
export async function changeSetting(
  context: RequestContext,
  id: SettingId,
  value: string | undefined,
  before?: { readonly row: Row<SettingItem> | undefined },
): Promise<SettingItem> {
  const item: SettingItem = {
    ...(value === undefined ? {} : { value }),
    modifiedAt: context.clock.now(),
    modifiedBy: context.caller.arn,
  };
  const when =
    before === undefined
      ? undefined
      : before.row === undefined
        ? ({ row: 'absent' } as const)
        : { version: before.row.version };
  await context.state.write({
    update: settingKey(id),
    set: item,
    ...(value === undefined ? { remove: ['value'] } : {}),
    ...(when === undefined ? {} : { when }),
  });
  return item;
}
