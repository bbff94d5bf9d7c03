import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { settingIds } from '../../../functions/service-settings/catalogue.ts';
import { settingOf } from '../../../functions/service-settings/index.ts';
import { room as serviceSettingsRoom } from '../../../functions/service-settings/room.ts';
import { testContext, type TestContext } from '../../support/context.ts';

const operations = serviceSettingsRoom.operations.ssm;

let fixture: TestContext;
beforeEach(() => (fixture = testContext()));
afterEach(() => fixture.close());

const get = async (SettingId: string) =>
  (await operations.GetServiceSetting({ SettingId }, fixture.as())).ServiceSetting;
const update = (SettingId: string, SettingValue: string) =>
  operations.UpdateServiceSetting({ SettingId, SettingValue }, fixture.as());
const reset = async (SettingId: string) =>
  (await operations.ResetServiceSetting({ SettingId }, fixture.as())).ServiceSetting;

describe('service settings', () => {
  test('have a default, take a value, and are set back', async () => {
    const id = '/ssm/managed-instance/activation-tier';
    const ARN = `arn:aws:ssm:us-east-1:123456789012:servicesetting${id}`;
    expect(await get(id)).toEqual({
      SettingId: id,
      SettingValue: 'standard',
      LastModifiedUser: 'System',
      ARN,
      Status: 'Default',
    });
    const at = new Date(fixture.clock.now());
    expect(await update(ARN, 'advanced')).toEqual({});
    expect(await get(id)).toEqual({
      SettingId: id,
      SettingValue: 'advanced',
      LastModifiedUser: 'arn:aws:iam::123456789012:user/test',
      LastModifiedDate: at,
      ARN,
      Status: 'Customized',
    });
    expect(await settingOf(fixture.context, id)).toBe('advanced');
    fixture.clock.advance(1000);
    const back = {
      SettingId: id,
      SettingValue: 'standard',
      LastModifiedUser: 'System',
      LastModifiedDate: new Date(fixture.clock.now()),
      ARN,
      Status: 'Default',
    };
    expect(await reset(id)).toEqual(back);
    expect(await get(ARN)).toEqual(back);
    expect(await settingOf(fixture.context, id)).toBe('standard');
  });

  test.each([
    ['/ssm/appmanager/appmanager-enabled', 'True', ['False'], ['false', 'yes']],
    ['/ssm/automation/customer-script-log-destination', undefined, ['CloudWatch'], ['S3']],
    [
      '/ssm/automation/customer-script-log-group-name',
      '/aws/ssm/automation/executeScript',
      ['/my/scripts#1'],
      ['a b', 'x'.repeat(513)],
    ],
    ['/ssm/automation/enable-adaptive-concurrency', 'False', ['True'], ['true']],
    ['/ssm/documents/console/public-sharing-permission', 'Enable', ['Disable'], ['Disabled']],
    ['/ssm/managed-instance/activation-tier', 'standard', ['advanced'], ['premium', 'Standard']],
    [
      '/ssm/managed-instance/default-ec2-instance-management-role',
      '$None',
      ['service-role/Mine', 'Mine', '$None'],
      ['arn:aws:iam::123456789012:role/Mine', '/Mine', 'a b'],
    ],
    ['/ssm/opsinsights/opscenter', 'Disabled', ['Enabled'], ['True']],
    ['/ssm/parameter-store/default-parameter-tier', 'Standard', ['Advanced', 'Intelligent-Tiering'], ['standard']],
    ['/ssm/parameter-store/high-throughput-enabled', 'false', ['true'], ['True']],
  ])('%s is %s; it takes %j and not %j', async (id, byDefault, good, bad) => {
    expect((await get(id))?.SettingValue).toBe(byDefault);
    for (const value of good) {
      await update(id, value);
      expect((await get(id))?.SettingValue).toBe(value);
    }
    for (const value of bad) await expect(update(id, value)).rejects.toMatchObject({ code: 'ValidationException' });
    expect((await get(id))?.SettingValue).toBe(good.at(-1));
  });

  test('these are all', () => expect(settingIds).toHaveLength(10));

  test.each([
    '/ssm/none',
    'toString',
    'arn:aws:ssm:eu-west-1:123456789012:servicesetting/ssm/opsinsights/opscenter',
    'arn:aws:ssm:us-east-1:999999999999:servicesetting/ssm/opsinsights/opscenter',
    'ssm/opsinsights/opscenter',
  ])('%s is none', async (id) => {
    for (const call of [get(id), update(id, 'x'), reset(id)])
      await expect(call).rejects.toMatchObject({ code: 'ServiceSettingNotFound' });
  });
});
