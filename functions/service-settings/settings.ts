/** Reading and changing settings, as other rooms need it. */
import type { Context, RequestContext } from '../../core/context.ts';
import type { Row } from '../../core/state.ts';
import { defaultOf, type SettingId } from './catalogue.ts';
import { settingKey, type SettingItem } from './store.ts';

/** What a setting is now; `undefined` where it is not set and has no default. */
export async function settingOf(context: Context, id: SettingId): Promise<string | undefined> {
  return (await readSetting(context, id))?.body.value ?? defaultOf(id);
}

export function readSetting(context: Context, id: SettingId): Promise<Row<SettingItem> | undefined> {
  return context.state.get<SettingItem>(settingKey(id));
}

/**
 * Sets a setting, or sets it back.
 * @param value checked; `undefined`: the default from now on
 * @param before what it must still be, where that matters
 * @throws ConditionFailed when it is not
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
