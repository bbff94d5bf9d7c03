import { expect, test } from 'vitest';
import { previewWords, type Preview, type PreviewedNode } from '../../../cli/preview/words.ts';

const node = (place: number, more: Partial<PreviewedNode> = {}): PreviewedNode => ({
  InstanceId: `mi-${place}`,
  Name: '',
  ComputerName: `web${place}`,
  Platform: 'Linux',
  PingStatus: 'Online',
  Supported: true,
  ...more,
});
const preview = (count: number, more: Partial<Preview> = {}): Preview => ({
  DocumentName: 'AWS-RunShellScript',
  DocumentVersion: '1',
  TargetCount: count,
  Nodes: Array.from({ length: Math.min(count, 200) }, (_, place) => node(place)),
  MaxConcurrency: { Expression: '50', Nodes: 50 },
  MaxErrors: { Expression: '0', Nodes: 0 },
  Waves: [1],
  DeliveryTimeout: 3600,
  ExpiresAfter: 3630,
  RateExceeded: false,
  Alarms: [],
  Steps: [
    {
      Name: 'run',
      Action: 'aws:runShellScript',
      Platforms: { Linux: 'run' },
      Inputs: [{ id: '0', runCommand: ['set -e', 'uptime'], workingDirectory: '', timeoutSeconds: '30' }],
      FromParameterStore: [],
    },
  ],
  ...more,
});

test('one node', () => {
  expect(previewWords(preview(1))).toBe(`One node:
  NODE  ID    PLATFORM  CONNECTION
  web0  mi-0  Linux     Online

It runs at once.

A node that is away gets it if it comes back within an hour. After an hour and 30 seconds whatever is still open has timed out.

AWS-RunShellScript, version 1:
1. run (aws:runShellScript)
   | set -e
   | uptime
   timeoutSeconds: 30
`);
});

test('a fleet: how it begins, how many at once, what stops it, who is away', () => {
  const text = previewWords(
    preview(400, {
      Waves: [1, 1, 2, 4, 2],
      MaxConcurrency: { Expression: '10', Nodes: 10 },
      MaxErrors: { Expression: '5%', Nodes: 20 },
      Nodes: [...preview(199).Nodes, node(199, { PingStatus: 'ConnectionLost' })],
      Alarms: ['errors'],
    }),
  );
  expect(text).toContain('400 nodes:');
  expect(text).toContain('  and 380 more\nOne of the first 200 is away.');
  expect(text).toContain(
    'It begins on 1. Each time all that were told have taken it, more are told: 1, 2, 4, 2, until 10 are under way. Then the next is told when one ends.',
  );
  expect(text).toContain(
    'At most 10 run at once.\nIt stops when more than 20 have failed (5%): nothing more is told, what runs goes on to its end.\nThe alarm errors stops it',
  );
});

test('what is not for a platform, what nothing stops, what is too many, and nobody at all', () => {
  expect(
    previewWords(preview(2, { Waves: [1, 1], Nodes: [node(0), node(1, { Platform: 'Windows', Supported: false })] })),
  ).toContain('Windows   Online      not for its platform: ends at once');
  expect(
    previewWords(
      preview(3, {
        Waves: [1],
        MaxConcurrency: { Expression: '1', Nodes: 1 },
        MaxErrors: { Expression: '100%', Nodes: 3 },
      }),
    ),
  ).toMatch(/one after the other[^]*No number of failures stops it/);
  expect(previewWords(preview(3, { RateExceeded: true }))).toContain(
    'it would end as RateExceeded, and nothing would run',
  );
  expect(previewWords(preview(0))).toMatch(/^No node is meant/);
});
