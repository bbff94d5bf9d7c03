import { expect, test } from 'vitest';
import { readPolicies, readRepositories } from '../../../../../functions/node-tools/patch-manager/scan/apt-policy.ts';

test('repositories by the text that names them in version tables', () => {
  const text = `Package files:
 100 /var/lib/dpkg/status
     release a=now
 500 http://archive.ubuntu.com/ubuntu jammy-security/main amd64 Packages
     release v=22.04,o=Ubuntu,a=jammy-security,n=jammy,l=Ubuntu,c=main,b=amd64
     origin archive.ubuntu.com
-1 https://example.com/apt ./ Packages
     release o=Example, Inc.,l=Tools, and more,c=
     origin example.com
Pinned packages:
     lima -> 1.1 with priority -1
`;
  expect([...readRepositories(text)]).toEqual([
    [
      'http://archive.ubuntu.com/ubuntu jammy-security/main amd64 Packages',
      { origin: 'Ubuntu', label: 'Ubuntu', suite: 'jammy-security', codename: 'jammy', component: 'main' },
    ],
    [
      'https://example.com/apt ./ Packages',
      { origin: 'Example, Inc.', label: 'Tools, and more', suite: '', codename: '', component: '' },
    ],
  ]);
});

test('version tables by package', () => {
  const text = `apt:
  Installed: 2.6.1
  Candidate: 2.6.2
  Version table:
     2.6.2 500 (phased 20%)
        500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
 *** 2.6.1 100
        100 /var/lib/dpkg/status
libc6:i386:
  Installed: 1:2.36-9
  Candidate: (none)
  Package pin: 1:2.37
  Version table:
     1:2.37 -1
         -1 http://deb.debian.org/debian bookworm/main i386 Packages
 *** 1:2.36-9 100
        100 /var/lib/dpkg/status
`;
  expect([...readPolicies(text)]).toEqual([
    [
      'apt',
      {
        candidate: '2.6.2',
        versions: [
          {
            version: '2.6.2',
            pin: 500,
            sources: [
              'http://deb.debian.org/debian-security bookworm-security/main amd64 Packages',
              'http://deb.debian.org/debian bookworm/main amd64 Packages',
            ],
          },
          { version: '2.6.1', pin: 100, sources: ['/var/lib/dpkg/status'] },
        ],
      },
    ],
    [
      'libc6:i386',
      {
        versions: [
          { version: '1:2.37', pin: -1, sources: ['http://deb.debian.org/debian bookworm/main i386 Packages'] },
          { version: '1:2.36-9', pin: 100, sources: ['/var/lib/dpkg/status'] },
        ],
      },
    ],
  ]);
});
