import { expect, test } from 'vitest';
import { platformTypesOf } from '../../../../functions/change-management/documents/types/platforms.ts';

const on = (platform: string) => ({ precondition: { StringEquals: ['platformType', platform] } });

test.each<[string, object, string[]]>([
  ['shell alone', { mainSteps: [{ action: 'aws:runShellScript' }] }, ['Linux', 'MacOS']],
  ['Windows plugins alone', { mainSteps: [{ action: 'aws:applications' }, { action: 'aws:psModule' }] }, ['Windows']],
  [
    'both',
    { mainSteps: [{ action: 'aws:runShellScript' }, { action: 'aws:psModule' }] },
    ['Windows', 'Linux', 'MacOS'],
  ],
  ['what runs everywhere', { mainSteps: [{ action: 'aws:softwareInventory' }] }, ['Windows', 'Linux', 'MacOS']],
  [
    'each step on its platform',
    {
      mainSteps: [
        { action: 'aws:runPowerShellScript', ...on('Windows') },
        { action: 'aws:runShellScript', ...on('Linux') },
      ],
    },
    ['Windows', 'Linux'],
  ],
  [
    'the platform named second',
    { mainSteps: [{ action: 'aws:runShellScript', precondition: { StringEquals: ['Linux', 'platformType'] } }] },
    ['Linux'],
  ],
  [
    'a parameter for a platform',
    { mainSteps: [{ action: 'aws:runShellScript', ...on('{{ platform }}') }] },
    ['Linux', 'MacOS'],
  ],
  ['schema 1.2', { runtimeConfig: { 'aws:runShellScript': {} } }, ['Linux', 'MacOS']],
  [
    'a step that can run nowhere',
    { mainSteps: [{ action: 'aws:psModule', ...on('Linux') }] },
    ['Windows', 'Linux', 'MacOS'],
  ],
])('%s', (_name, content, platforms) => {
  expect(platformTypesOf(content as never)).toEqual(platforms);
});
