import { expect, test } from 'vitest';
import { productOf } from '../../../../functions/node-tools/patch-manager/operating-system.ts';

test.each([
  ['debian', [], '12', { operatingSystem: 'DEBIAN', name: 'Debian12' }],
  ['ubuntu', ['debian'], '22.04', { operatingSystem: 'UBUNTU', name: 'Ubuntu22.04' }],
  ['raspbian', ['debian'], '10', { operatingSystem: 'RASPBIAN', name: 'Raspbian10' }],
  ['linuxmint', ['ubuntu', 'debian'], '21', { operatingSystem: 'UBUNTU', name: 'Ubuntu21' }],
  ['arch', [], '', undefined],
] as const)('%s like %j', (id, like, version, expected) => {
  expect(productOf({ id, like, version, codename: '', name: '' })).toEqual(expected);
});
