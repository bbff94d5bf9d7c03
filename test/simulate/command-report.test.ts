import { expect, test } from 'vitest';
import { parseReply } from '../../functions/node-tools/run-command/reply.ts';
import { commandReport, isRefresh, readCommand } from '../../simulate/command-report.ts';

const content = (action: string): string =>
  JSON.stringify({
    CommandId: 'c',
    DocumentName: 'D',
    DocumentContent: {
      schemaVersion: '2.2',
      mainSteps: [
        { action, name: 'one', inputs: {} },
        { action, name: 'two', inputs: {} },
      ],
    },
  });

test('a report is one that the service reads, of every step of the document', () => {
  const reply = parseReply(
    JSON.parse(commandReport(readCommand(content('aws:runShellScript'))!, 'mi-1', 'Failed', 1_000, 2_000)),
  );
  expect(reply.state).toBe('Failed');
  expect([...reply.steps.keys()]).toEqual(['one', 'two']);
  expect(reply.steps.get('two')).toMatchObject({
    state: 'Failed',
    responseCode: 1,
    standardOutput: 'simulated on mi-1\n',
    startedAt: 1_000,
    finishedAt: 2_000,
  });
});

test('a refresh is told from other commands', () => {
  expect(isRefresh(readCommand(content('aws:refreshAssociation'))!)).toBe(true);
  expect(isRefresh(readCommand(content('aws:runShellScript'))!)).toBe(false);
});

test.each(['', 'null', '[]', '{}', '{"CommandId":1}'])('%o is no command', (text) => {
  expect(readCommand(text)).toBeUndefined();
});
