/** Documents in the forms that AWS's own have. */
import { describe, expect, test } from 'vitest';
import { convertContent } from '../../../../functions/change-management/documents/content.ts';
import type { DocumentType } from '../../../../functions/change-management/documents/document-types.ts';
import { readDocumentText } from '../../../../functions/change-management/documents/schema.ts';
import { declaredFiles } from '../../../../functions/change-management/documents/types/attached-files.ts';
import { understood } from '../../../../functions/change-management/documents/understanding.ts';

const sha256 = 'a'.repeat(64);
const runbook = { schemaVersion: '0.3', mainSteps: [{ name: 'wait', action: 'aws:pause', inputs: {} }] };
const manifest = {
  schemaVersion: '2.0',
  version: '1.0.1',
  packages: { _any: { _any: { _any: { file: 'a.zip' } } } },
  files: { 'a.zip': { checksums: { sha256 } } },
};
const command = {
  schemaVersion: '2.2',
  mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: ['true'] } }],
};
const read = (type: DocumentType, content: object) => readDocumentText(JSON.stringify(content, null, 2), 'JSON', type);

describe('as AWS’s own documents have it', () => {
  const loop = (inner: object, ...after: object[]) => ({
    schemaVersion: '0.3',
    mainSteps: [
      { name: 'Begin', action: 'aws:pause', inputs: {} },
      {
        name: 'Each',
        action: 'aws:loop',
        inputs: {
          Iterators: ['a'],
          Steps: [{ name: 'Try', action: 'aws:sleep', inputs: { Duration: 'PT1S' }, ...inner }],
        },
      },
      ...after,
      { name: 'Tidy', action: 'aws:pause', inputs: {} },
    ],
  });
  const choices = { Choices: [{ NextStep: 'Tidy', Variable: 'a', StringEquals: 'b' }], Default: 'Begin' };

  test.each([
    ['onFailure', { onFailure: 'step:Tidy' }],
    ['nextStep', { nextStep: 'Tidy' }],
    ['onCancel', { onCancel: 'step:Tidy' }],
    ['a branch', { action: 'aws:branch', inputs: choices }],
    [
      'a loop in a loop',
      {
        action: 'aws:loop',
        inputs: { Iterators: ['b'], Steps: [{ name: 'Inner', action: 'aws:pause', nextStep: 'Tidy' }] },
      },
    ],
  ])('a step in a loop leads out of it by %s', (_name, inner) => {
    expect(() => read('Automation', loop(inner))).not.toThrow();
  });

  test('a step outside of a loop does not lead into it, and a loop that always leads back is a circle', () => {
    expect(() => read('Automation', loop({}, { name: 'Late', action: 'aws:pause', nextStep: 'Try' }))).toThrow(
      /mainSteps\[2\]\.nextStep \(line \d+\): Try is not a step/,
    );
    expect(() => read('Automation', loop({ nextStep: 'Nobody' }))).toThrow(/Nobody is not a step/);
    expect(() => read('Automation', loop({ nextStep: 'Begin' }))).toThrow(
      /leads into an infinite loop: Begin -> Each -> Begin/,
    );
    expect(() => read('Automation', loop({ nextStep: 'Each' }))).toThrow(/infinite loop: Each -> Each/);
  });

  test.each([
    ['sha256', 'a'],
    ['SHA256', 'a'],
    ['SHA256', 'A'],
    ['Sha256', 'A'],
  ])('a checksum called %s, of digits like %s', (algorithm, digit) => {
    const files = { 'code.zip': { checksums: { [algorithm]: digit.repeat(64) } } };
    expect(declaredFiles(read('Automation', { ...runbook, files }).content)).toEqual(new Map([['code.zip', sha256]]));
  });

  test('a checksum in two ways must be one', () => {
    const files = { 'code.zip': { checksums: { sha256, SHA256: 'b'.repeat(64) } } };
    expect(() => read('Automation', { ...runbook, files })).toThrow(
      /checksums \(line \d+\): name two different SHA-256/,
    );
  });

  test('a manifest with packageArn, name and url', () => {
    const ofAws = { packageArn: 'arn:aws:ssm:::package/Agent', name: 'Agent', url: 'https://example.com/agent' };
    expect(read('Package', { ...manifest, ...ofAws }).content).toEqual({ ...manifest, ...ofAws });
    expect(() => read('Package', { ...manifest, url: 1 })).toThrow(/url \(line \d+\): must be text/);
  });

  const template = { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } };
  test.each([
    ['a mapping', template],
    ['JSON', JSON.stringify(template)],
    ['YAML', 'Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Ref Name\n'],
  ])('a template of CloudFormation that is wrapped, as %s', (_name, templateBody) => {
    expect(() => read('CloudFormation', { schemaVersion: '1.0', templateBody })).not.toThrow();
  });

  test.each<[string | object, RegExp]>([
    [{ Resources: { a: {} } }, /templateBody\.Resources\.a\.Type.*is missing/],
    ['{"Resources": ', /templateBody \(line \d+\): is not a template\. The document is not JSON/],
    ['{}', /templateBody \(line \d+\): has no Resources/],
    ['text', /templateBody \(line \d+\): is not a template\./],
  ])('what is wrapped and is no template: %j', (templateBody, message) => {
    expect(() => read('CloudFormation', { schemaVersion: '1.0', templateBody })).toThrow(message);
  });
});

describe('members without a value are absent', () => {
  const text = `
schemaVersion: '2.2'
description:
parameters:
  Why:
    type: String
    description:
    default:
    allowedValues:
    allowedPattern: ~
    minChars:
    displayType:
mainSteps:
- action: aws:runShellScript
  name: run
  precondition:
  isEnd:
  timeoutSeconds:
  inputs:
    workingDirectory:
    runCommand: [echo]
`;

  test('in YAML and in JSON; in the inputs of a step a null is kept', () => {
    const expected = {
      schemaVersion: '2.2',
      parameters: { Why: { type: 'String' } },
      mainSteps: [
        { action: 'aws:runShellScript', name: 'run', inputs: { workingDirectory: null, runCommand: ['echo'] } },
      ],
    };
    expect(readDocumentText(text, 'YAML', 'Command').content).toEqual(expected);
    expect(readDocumentText(convertContent(text, 'YAML', 'JSON'), 'JSON', 'Command').content).toEqual(expected);
    // A default that has no value is none: the parameter is required.
    expect(understood(text, 'YAML', 'Command', text).parameters).toEqual([{ name: 'Why', type: 'String' }]);
  });

  test('in a runbook and in a session too', () => {
    const nothing = { description: null, onFailure: null, nextStep: null, isCritical: null, maxAttempts: null };
    const steps = [{ name: 'a', action: 'aws:pause', inputs: null, ...nothing }];
    const inputs = { Iterators: ['a'], Steps: steps };
    const variables = { v: { type: 'String', default: null, description: null } };
    expect(
      read('Automation', {
        schemaVersion: '0.3',
        assumeRole: null,
        parameters: null,
        outputs: null,
        files: null,
        variables,
        mainSteps: [{ name: 'each', action: 'aws:loop', inputs }],
      }).content,
    ).toEqual({
      schemaVersion: '0.3',
      variables: { v: { type: 'String' } },
      mainSteps: [
        { name: 'each', action: 'aws:loop', inputs: { ...inputs, Steps: [{ name: 'a', action: 'aws:pause' }] } },
      ],
    });
    expect(() =>
      read('Session', {
        schemaVersion: '1.0',
        sessionType: 'Standard_Stream',
        properties: null,
        inputs: { s3BucketName: null, idleSessionTimeout: null, runAsEnabled: null, shellProfile: null },
      }),
    ).not.toThrow();
  });

  test('what is required is missing all the same', () => {
    expect(() => read('Automation', { ...runbook, mainSteps: null })).toThrow(/has no mainSteps/);
    expect(() => read('Command', { ...command, parameters: { a: { type: null } } })).toThrow(
      /parameters\.a.*has no type/,
    );
    expect(() => read('Command', { ...command, parameters: { a: null } })).toThrow(/must be a mapping/);
  });
});
