import { expect, test } from 'vitest';
import { previewSteps } from '../../../../functions/node-tools/run-command/preview-steps.ts';

const content = {
  schemaVersion: '2.2',
  parameters: {
    name: { type: 'String', default: 'world' },
    secret: { type: 'String', interpolationType: 'ENV_VAR', default: 'x' },
    commands: { type: 'StringList', default: ['true'] },
  },
  mainSteps: [
    {
      name: 'greet',
      action: 'aws:runShellScript',
      precondition: { StringEquals: ['platformType', 'Linux'] },
      inputs: {
        runCommand: ['echo {{ name }} {{ secret }}', '{{ commands }}', 'cat {{ssm:/app/key}}'],
        timeoutSeconds: '{{ name }}',
      },
    },
    {
      name: 'greetWindows',
      action: 'aws:runPowerShellScript',
      precondition: { StringEquals: ['platformType', 'Windows'] },
      inputs: { runCommand: ['Write-Host {{ secret }}'] },
    },
    {
      name: 'odd',
      action: 'aws:runShellScript',
      precondition: { NumericEquals: ['a', 'b'] },
      inputs: { runCommand: [] },
    },
  ],
};

test('steps by platform, with values and defaults in their places; a secret stays a variable, the store’s are named', async () => {
  expect(await previewSteps(content, { commands: ['date', 'uptime'] }, ['Linux', 'Windows'], 'somebody')).toEqual([
    {
      Name: 'greet',
      Action: 'aws:runShellScript',
      Platforms: { Linux: 'run', Windows: 'skip' },
      Inputs: [
        { runCommand: ['echo world ${SSM_secret}', 'date', 'uptime', 'cat {{ssm:/app/key}}'], timeoutSeconds: 'world' },
      ],
      FromParameterStore: ['/app/key'],
    },
    {
      Name: 'greetWindows',
      Action: 'aws:runPowerShellScript',
      Platforms: { Linux: 'skip', Windows: 'run' },
      Inputs: [{ runCommand: ['Write-Host ${env:SSM_secret}'] }],
      FromParameterStore: [],
    },
    {
      Name: 'odd',
      Action: 'aws:runShellScript',
      Platforms: {
        Linux: expect.stringMatching(/NumericEquals/) as string,
        Windows: expect.stringMatching(/NumericEquals/) as string,
      },
      Inputs: [{ runCommand: [] }],
      FromParameterStore: [],
    },
  ]);
});
