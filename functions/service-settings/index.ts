/** What other rooms may call. */
export { changeSetting, readSetting, settingOf } from './settings.ts';
export type { SettingId } from './catalogue.ts';
