/** Where settings are kept: a row for each that was ever set. */
import type { Key } from '../../core/state.ts';

export interface SettingItem {
  /** Absent: it was reset. */
  readonly value?: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  /** The ARN of the caller who changed it. */
  readonly modifiedBy: string;
}

export const settingKey = (id: string): Key => ({ pk: `SERVICE-SETTING#${id}`, sk: 'SETTING' });
