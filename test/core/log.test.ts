import { expect, test } from 'vitest';
import { jsonLog } from '../../core/log.ts';

function lines(write: (log: ReturnType<typeof jsonLog>) => void): Record<string, unknown>[] {
  const written: string[] = [];
  write(jsonLog((line) => written.push(line), 'info', { from: 'test' }));
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('one line of JSON an entry, with the log’s own fields; below the level nothing', () => {
  const [entry, ...rest] = lines((log) => {
    log.debug('not this');
    log.with({ part: 'a' }).warn('this', { count: 1 });
  });
  expect(entry).toEqual({
    time: expect.any(String) as string,
    level: 'warn',
    message: 'this',
    from: 'test',
    part: 'a',
    count: 1,
  });
  expect(rest).toEqual([]);
});

test('an error is told with its code, its causes and what it gathers', () => {
  const full = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
  const [entry] = lines((log) =>
    log.error('failed', {
      error: new Error('outer', { cause: new AggregateError([full, new Error('rollback')], 'both') }),
    }),
  );
  expect(entry).toMatchObject({
    error: {
      name: 'Error',
      message: 'outer',
      cause: { name: 'AggregateError', errors: [{ message: 'disk full', code: 'ENOSPC' }, { message: 'rollback' }] },
    },
  });
});

test('what is no JSON never throws where something has failed already', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const [big, round] = lines((log) => {
    log.error('big', { size: 10n });
    log.error('round', { circle });
  });
  expect(big).toMatchObject({ message: 'big', size: '10' });
  expect(round).toMatchObject({
    level: 'error',
    message: 'round',
    unwritable: expect.stringMatching(/circular/i) as string,
  });
});
