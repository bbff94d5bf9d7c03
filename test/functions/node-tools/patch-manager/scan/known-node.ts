/** A node whose every package is a case of its own, with what a scan must say of it. */
import type { Archive, InstalledRecord } from './package-repository.ts';

export const archives: readonly Archive[] = [
  {
    suite: 'stable',
    codename: 'bookworm',
    label: 'Debian',
    packages: [
      { name: 'alpha', version: '1.0-1' },
      { name: 'bravo', version: '2.1' },
      { name: 'india', version: '3.0' },
      { name: 'mike', version: '1.0' },
    ],
  },
  {
    suite: 'stable-security',
    codename: 'bookworm-security',
    label: 'Debian-Security',
    packages: [
      { name: 'alpha', version: '1.0-1+deb12u1', priority: 'important' },
      { name: 'charlie', version: '2.0' },
      { name: 'delta', version: '1.1' },
      { name: 'echo', version: '1.0' },
      { name: 'golf', version: '1.1', architecture: 'i386' },
      { name: 'golf', version: '1.0', architecture: 'amd64' },
      { name: 'hotel', version: '1.0', architecture: 'all', priority: 'required' },
      { name: 'india', version: '2.0', priority: 'standard' },
      { name: 'juliet', version: '2.0' },
      { name: 'lima', version: '1.1' },
      { name: 'november', version: '1.1', priority: 'extra' },
      { name: 'not-installed', version: '1.0' },
    ],
  },
  {
    suite: 'stable-backports',
    codename: 'bookworm-backports',
    label: 'Debian Backports',
    notAutomatic: true,
    packages: [{ name: 'mike', version: '9.0~bpo12+1' }],
  },
];

export const installed: readonly InstalledRecord[] = [
  { name: 'alpha', version: '1.0-1' },
  // Only an ordinary update.
  { name: 'bravo', version: '2.0' },
  // An epoch: newer than what is offered.
  { name: 'charlie', version: '1:1.0' },
  { name: 'delta', version: '1.0', status: 'hold ok installed' },
  { name: 'echo', version: '1.0~rc1' },
  // No repository has it.
  { name: 'foxtrot', version: '1.0' },
  // The update is for the foreign architecture alone.
  { name: 'golf', version: '1.0', architecture: 'i386' },
  { name: 'hotel', version: '1.0', architecture: 'all' },
  // A newer ordinary version stands before the security update.
  { name: 'india', version: '1.0' },
  // Removed; only its configuration is left.
  { name: 'juliet', version: '1.0', status: 'deinstall ok config-files' },
  // The administrator has pinned the update away.
  { name: 'lima', version: '1.0' },
  // A newer one in backports only.
  { name: 'mike', version: '1.0' },
  // Unpacked, not yet configured: it is there, and old.
  { name: 'november', version: '1.0', status: 'install ok unpacked' },
];

export const preferences = 'Package: lima\nPin: version 1.1\nPin-Priority: -1\n';

/** State and title of each row under Debian's predefined baseline, in the order of ids. */
export const expected = [
  'Missing alpha.amd64:1.0-1+deb12u1 Important',
  'InstalledOther bravo.amd64:2.0 ',
  'Installed charlie.amd64:1:1.0 Optional',
  'Missing delta.amd64:1.1 Optional',
  'Missing echo.amd64:1.0 Optional',
  'InstalledOther foxtrot.amd64:1.0 ',
  'Missing golf.i386:1.1 Optional',
  'Installed hotel.all:1.0 Required',
  'Missing india.amd64:2.0 Standard',
  'InstalledOther lima.amd64:1.0 ',
  'InstalledOther mike.amd64:1.0 ',
  'Missing november.amd64:1.1 Extra',
];
