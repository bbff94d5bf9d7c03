import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandInput, shellWord, type CommandOptions } from '../../../cli/exec/command-options.ts';

const given = (more: Partial<CommandOptions> = {}): CommandOptions => ({ shell: 'sh', parameter: [], ...more });
const commands = (more: Partial<CommandOptions>, ...words: string[]) =>
  commandInput(given(more), words, () => 'one\r\ntwo').Parameters['commands'];

test('one word is a line for the shell, several are its words', () => {
  expect(commands({}, 'df -h | sort')).toEqual(['df -h | sort']);
  expect(commands({}, 'echo', 'a b', "it's", '$HOME', '')).toEqual([`echo 'a b' 'it'\\''s' '$HOME' ''`]);
});

test('whatever the words are, the shell takes them as they are', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme', maxLength: 12 }).filter((word) => !word.includes('\0')),
        { minLength: 1, maxLength: 4 },
      ),
      (words) => {
        const line = ['printf', "'%s\\0'", ...words.map(shellWord)].join(' ');
        expect(execFileSync('sh', ['-c', line]).toString().split('\0').slice(0, -1)).toEqual(words);
      },
    ),
    { numRuns: 60 },
  );
});

test('another interpreter is named in the first line, unless the script names one', () => {
  expect(commands({ shell: 'bash' }, 'echo hi')).toEqual(['#!/usr/bin/env bash', 'echo hi']);
  expect(commands({ shell: '/opt/bin/python3', file: 'x' })).toEqual(['#!/opt/bin/python3', 'one', 'two']);
  expect(commands({ shell: 'bash' }, '#!/bin/zsh\necho')).toEqual(['#!/bin/zsh\necho']);
  expect(() => commands({ shell: 'a; rm -rf /' }, 'x')).toThrow(/no name of a program/);
});

test('PowerShell has a document and quotes of its own', () => {
  expect(commandInput(given({ shell: 'pwsh' }), ['Get-Item', "it's"])).toEqual({
    DocumentName: 'AWS-RunPowerShellScript',
    Parameters: { commands: [`& 'Get-Item' 'it''s'`] },
  });
  expect(commandInput(given({ shell: 'pwsh' }), ['Get-Date'])).toMatchObject({
    Parameters: { commands: ['Get-Date'] },
  });
});

test('all the options of one command', () => {
  expect(
    commandInput(
      given({
        directory: '/srv',
        timeout: '30',
        deliverWithin: '60',
        concurrency: '10%',
        maxErrors: '2',
        comment: 'why',
      }),
      ['uptime'],
    ),
  ).toEqual({
    DocumentName: 'AWS-RunShellScript',
    Parameters: { commands: ['uptime'], workingDirectory: ['/srv'], executionTimeout: ['30'] },
    TimeoutSeconds: 60,
    MaxConcurrency: '10%',
    MaxErrors: '2',
    Comment: 'why',
  });
});

test('a document with parameters: again for more values', () => {
  expect(
    commandInput(
      given({
        document: 'Deploy',
        documentVersion: '$LATEST',
        parameter: ['version=1.2=3', 'host=a', 'host=b'],
        directory: '/srv',
      }),
      [],
    ),
  ).toEqual({
    DocumentName: 'Deploy',
    DocumentVersion: '$LATEST',
    Parameters: { version: ['1.2=3'], host: ['a', 'b'], workingDirectory: ['/srv'] },
  });
});

test.each([
  [given(), [], /what is to run/],
  [given({ document: 'D' }), ['x'], /one or the other/],
  [given({ document: 'D', parameter: ['nothing'] }), [], /write name=value/],
  [given({ parameter: ['a=b'] }), ['x'], /for a --document/],
  [given({ timeout: 'soon' }), ['x'], /--timeout takes a number of seconds/],
  [given({ timeout: '2' }), ['x'], /--timeout takes 5 to 172800 seconds/],
  [given({ timeout: '172801' }), ['x'], /--timeout takes 5 to 172800 seconds/],
  [given({ document: 'D', timeout: '4' }), [], /--timeout takes 5 to 172800 seconds/],
])('what makes no sense is refused', (options, words, message) => {
  expect(() => commandInput(options, words)).toThrow(message);
});
