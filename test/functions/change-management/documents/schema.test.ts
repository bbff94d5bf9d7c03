/** What may be a document, and what a writer is told about one that may not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DocumentType } from '../../../../functions/change-management/documents/document-types.ts';
import { readDocumentText } from '../../../../functions/change-management/documents/schema.ts';

const json =
  (content: object, type: DocumentType = 'Command') =>
  () =>
    readDocumentText(JSON.stringify(content, null, 2), 'JSON', type);
const yaml = (text: string) => () => readDocumentText(text, 'YAML', 'Command');
const shell = (inputs: object = { runCommand: ['echo hi'] }) => ({ action: 'aws:runShellScript', name: 'run', inputs });
const doc = (more: object = {}) => ({ schemaVersion: '2.2', mainSteps: [shell()], ...more });

describe('accepted', () => {
  test.each([
    [
      '2.2 with a precondition',
      doc({ mainSteps: [{ ...shell(), precondition: { StringEquals: ['platformType', 'Linux'] } }] }),
    ],
    ['2.0', doc({ schemaVersion: '2.0' })],
    [
      '1.2 with a list of properties',
      {
        schemaVersion: '1.2',
        runtimeConfig: {
          'aws:runShellScript': { properties: [{ id: '0.aws:runShellScript', runCommand: '{{ commands }}' }] },
        },
      },
    ],
    [
      '1.2 with one object',
      { schemaVersion: '1.2', runtimeConfig: { 'aws:runShellScript': { properties: { runCommand: ['a'] } } } },
    ],
    ['inputs in another case', doc({ mainSteps: [shell({ RunCommand: ['a'] })] })],
    ['no parameters', doc({ parameters: {} })],
    [
      'a list whose default the node looks up',
      doc({ parameters: { hosts: { type: 'StringList', default: '{{ ssm:/hosts }}' } } }),
    ],
  ])('%s', (_name, content) => {
    expect(json(content)).not.toThrow();
  });

  test('a schemaVersion without quotes is text all the same', () => {
    const content = yaml(
      'schemaVersion: 2.0\nmainSteps:\n- {action: "aws:runShellScript", name: a, inputs: {runCommand: [ls]}}\n',
    )();
    expect(content.schemaVersion).toBe('2.0');
  });
});

describe('refused, with the path, the line and the fault', () => {
  test.each<[string, object, RegExp]>([
    [
      'an unknown plugin',
      doc({ mainSteps: [{ action: 'aws:runshell', name: 'a' }] }),
      /mainSteps\[0\]\.action \(line 5\): aws:runshell is not a plugin/,
    ],
    [
      'a plugin that misses an input',
      doc({ mainSteps: [shell({})] }),
      /mainSteps\[0\]\.inputs\.runCommand \(line 7\): is missing; aws:runShellScript needs it/,
    ],
    [
      'no inputs at all',
      doc({ mainSteps: [{ action: 'aws:runShellScript', name: 'a' }] }),
      /mainSteps\[0\]\.inputs \(line 4\): is missing/,
    ],
    [
      'two steps of one name',
      doc({ mainSteps: [shell(), shell()] }),
      /mainSteps\[1\]\.name \(line 15\): run is the name of mainSteps\[0\] already/,
    ],
    [
      'a line that is a mapping',
      doc({ mainSteps: [shell({ runCommand: [{ echo: 'x' }] })] }),
      /runCommand\[0\] \(line 9\): must be text; write it in quotes/,
    ],
    ['an unknown member', doc({ steps: [] }), /steps \(line 14\): is not known here/],
    ['a parameter without a type', doc({ parameters: { a: {} } }), /parameters\.a \(line 15\): has no type/],
    [
      'a default of another type',
      doc({ parameters: { a: { type: 'String', default: 5 } } }),
      /parameters\.a\.default \(line 17\): must be text/,
    ],
    [
      'a default that is not allowed',
      doc({ parameters: { a: { type: 'String', default: 'c', allowedValues: ['a', 'b'] } } }),
      /parameters\.a\.default.*none of the allowed/,
    ],
    [
      'a pattern that is none',
      doc({ parameters: { a: { type: 'String', allowedPattern: '(' } } }),
      /allowedPattern.*is not a regular expression/,
    ],
    [
      'bounds the wrong way round',
      doc({ parameters: { a: { type: 'String', minChars: 3, maxChars: 2 } } }),
      /maxChars.*less than minChars/,
    ],
    [
      'a precondition before 2.2',
      doc({
        schemaVersion: '2.0',
        mainSteps: [{ ...shell(), precondition: { StringEquals: ['platformType', 'Linux'] } }],
      }),
      /precondition.*needs schema 2\.2/,
    ],
    [
      'another operator',
      doc({ mainSteps: [{ ...shell(), precondition: { StringLike: ['platformType', 'Linux'] } }] }),
      /precondition\.StringLike.*not known here/,
    ],
    ['no steps', doc({ mainSteps: [] }), /mainSteps.*has no steps/],
    ['steps missing', { schemaVersion: '2.2' }, /The document.*: has no mainSteps/],
    ['1.2 without runtimeConfig', { schemaVersion: '1.2' }, /has no runtimeConfig/],
  ])('%s', (_name, content, message) => {
    expect(json(content)).toThrow(
      expect.objectContaining({ code: 'InvalidDocumentContent', message: expect.stringMatching(message) as string }),
    );
  });

  test('YAML: the line of the YAML', () => {
    expect(
      yaml(
        'schemaVersion: "2.2"\nmainSteps:\n  - action: aws:runShellScript\n    name: a b\n    inputs:\n      runCommand: [ls]\n',
      ),
    ).toThrow(/mainSteps\[0\]\.name \(line 4\)/);
    expect(yaml('schemaVersion: "2.2"\nmainSteps: [\n')).toThrow(/not YAML: line \d+, column \d+/);
    expect(yaml('a: 1\na: 2\n')).toThrow(/not YAML: line 2/);
  });

  test('all faults at once, the first five told', () => {
    const steps = Array.from({ length: 8 }, (_, at) => ({ action: 'aws:nothing', name: `s${at}` }));
    expect(json(doc({ mainSteps: steps }))).toThrow(/mainSteps\[4\].*and 3 more$/);
  });

  test('a schema of another type', () => {
    expect(json(doc({ schemaVersion: '0.3' }))).toThrow(
      expect.objectContaining({ code: 'InvalidDocumentSchemaVersion' }),
    );
    expect(json({ schemaVersion: '1.2', runtimeConfig: {} }, 'Policy')).toThrow(
      expect.objectContaining({ code: 'InvalidDocumentSchemaVersion' }),
    );
    expect(json({})).toThrow(expect.objectContaining({ code: 'InvalidDocumentSchemaVersion' }));
  });

  test('more than 64 KB, counted in bytes', () => {
    expect(json(doc({ description: 'ü'.repeat(33_000) }))).toThrow(
      expect.objectContaining({ code: 'MaxDocumentSizeExceeded' }),
    );
  });

  test.each([
    ['JSON nested without end', 'JSON', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['YAML nested without end', 'YAML', '- '.repeat(30_000)],
    ['flow YAML nested without end', 'YAML', '['.repeat(60_000)],
    [
      'anchors that multiply',
      'YAML',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
        .split('')
        .map((name, at) => `${name}: &${name} [${`*${'abcdefghij'[at]},`.repeat(9)}]`)
        .join('\n')}\n`,
    ],
    ['a list', 'JSON', '[]'],
    ['a number', 'YAML', '5'],
    ['nothing', 'YAML', ''],
  ] as const)('%s', (_name, format, text) => {
    expect(() => readDocumentText(text, format, 'Command')).toThrow(
      expect.objectContaining({ code: 'InvalidDocumentContent' }),
    );
  });

  test('whatever the text: an answer or one of our errors, never a fault of ours', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.object().map((value) => JSON.stringify(doc(value))),
        ),
        fc.constantFrom('JSON' as const, 'YAML' as const),
        (text, format) => {
          try {
            readDocumentText(text, format, 'Command');
          } catch (error) {
            expect(error).toHaveProperty('code', expect.stringMatching(/^(InvalidDocument|MaxDocument)/));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
