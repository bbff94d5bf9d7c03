import { expect, test } from 'vitest';
import { parseOptions, UsageError } from '../../local/options.ts';

test('without options: port 8555 on loopback, data in .flotilla, an agent', () => {
  expect(parseOptions([])).toMatchObject({
    port: 8555,
    host: '127.0.0.1',
    data: expect.stringMatching(/\.flotilla$/) as string,
    agent: true,
    once: false,
    logLevel: 'warn',
  });
});

test.each([
  ['--port='],
  ['--port=-1'],
  ['--port=65536'],
  ['--port=80 '],
  ['--port=0x50'],
  ['--port=1e3'],
  // `--data $DATA` with DATA unset must not make the current folder the data folder.
  ['--data='],
  ['--host='],
  ['--ready-file='],
  ['--data= '],
  ['--name='],
  ['--name=a b'],
  ['--name=http://a'],
  ['--name=a:8555'],
  ['--name=-a'],
  ['--name=a..b'],
  ['--account=12345678901'],
  ['--region=US_EAST'],
  ['--log-level=loud'],
  ['--nonsense'],
  ['positional'],
])('%s is refused', (option) => {
  expect(() => parseOptions([option])).toThrow(UsageError);
});
