/** Every type of document: what is one, and what is told of a text that is not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatYaml } from '../../../../functions/change-management/documents/content.ts';
import { documentTypes, type DocumentType } from '../../../../functions/change-management/documents/document-types.ts';
import { readDocumentText } from '../../../../functions/change-management/documents/schema.ts';
import { understood } from '../../../../functions/change-management/documents/understanding.ts';

const sha256 = 'a'.repeat(64);
const calendar = [
  'BEGIN:VCALENDAR',
  'PRODID:-//AWS//Change Calendar 1.0//EN',
  'VERSION:2.0',
  'X-CALENDAR-TYPE:DEFAULT_OPEN',
  'BEGIN:VEVENT',
  'UID:1',
  'DTSTART;TZID=Asia/Tokyo:20260501T080000',
  'DTEND;TZID=Asia/To',
  ' kyo:20260501T090000',
  'SUMMARY:Freeze',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n');

const runbook = {
  schemaVersion: '0.3',
  description: 'Starts a node.',
  assumeRole: '{{ AutomationAssumeRole }}',
  parameters: {
    AutomationAssumeRole: { type: 'AWS::IAM::Role::Arn', default: '' },
    InstanceIds: { type: 'List<AWS::EC2::Instance::Id>' },
    When: { type: 'String', default: '{{ ssm:/when }}' },
  },
  variables: { count: { type: 'Integer', default: 1 } },
  mainSteps: [
    {
      name: 'start',
      action: 'aws:changeInstanceState',
      maxAttempts: 3,
      timeoutSeconds: '{{ timeout }}',
      onFailure: 'step:undo',
      inputs: { InstanceIds: '{{ InstanceIds }}', DesiredState: 'running' },
    },
    {
      name: 'choose',
      action: 'aws:branch',
      inputs: {
        Choices: [
          { NextStep: 'start', Not: { Variable: '{{ start.x }}', StringEquals: 'a' } },
          { NextStep: 'undo', And: [{ Variable: 'a', NumericGreater: 1 }] },
        ],
        Default: 'each',
      },
    },
    {
      name: 'each',
      action: 'aws:loop',
      inputs: { Iterators: ['a', 'b'], Steps: [{ name: 'pause', action: 'aws:sleep', inputs: { Duration: 'PT1S' } }] },
      isEnd: true,
    },
    {
      name: 'undo',
      action: 'aws:executeScript',
      isCritical: false,
      inputs: { Runtime: 'python3.11', Handler: 'main', Script: 'def main(e, c): pass' },
    },
  ],
  outputs: ['start.InstanceStates', 'pause.x'],
  files: { 'a.zip': { checksums: { sha256 } } },
};
const manifest = {
  schemaVersion: '2.0',
  version: '1.0.1',
  publisher: 'Us',
  packages: { ubuntu: { _any: { x86_64: { file: 'a.zip' } } }, windows: { _any: { _any: { file: 'a.zip' } } } },
  files: { 'a.zip': { checksums: { sha256 } } },
};
const command = {
  schemaVersion: '2.2',
  mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: ['true'] } }],
};

const valid: Readonly<Record<DocumentType, object | string>> = {
  ApplicationConfiguration: { any: ['thing', 1, null] },
  ApplicationConfigurationSchema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' },
  Automation: runbook,
  'Automation.ChangeTemplate': {
    ...runbook,
    templateInformation: '### What\nEverything',
    executableRunBooks: [{ name: 'AWS-HelloWorld', version: '1' }],
    emergencyChange: false,
    autoApprovable: true,
  },
  AutoApprovalPolicy: 'whatever',
  ChangeCalendar: calendar,
  CloudFormation: { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } },
  Command: command,
  ConformancePackTemplate: { Resources: {} },
  DeploymentStrategy: {
    Name: 'Slow',
    DeploymentDurationInMinutes: 10,
    GrowthFactor: 20,
    GrowthType: 'LINEAR',
    FinalBakeTimeInMinutes: 5,
  },
  ManualApprovalPolicy: { a: 1 },
  Package: manifest,
  Policy: command,
  ProblemAnalysis: 'text',
  ProblemAnalysisTemplate: 'text',
  QuickSetup: { a: 1 },
  Session: {
    schemaVersion: '1.0',
    sessionType: 'Standard_Stream',
    inputs: {
      s3BucketName: '',
      s3EncryptionEnabled: true,
      idleSessionTimeout: '20',
      maxSessionDuration: '',
      runAsEnabled: 'false',
      shellProfile: { linux: 'bash', windows: '' },
    },
  },
};
const types = Object.keys(documentTypes) as DocumentType[];

function read(type: DocumentType, content: object | string = valid[type], format?: 'JSON' | 'YAML' | 'TEXT') {
  if (typeof content === 'string') return readDocumentText(content, format ?? 'TEXT', type);
  return format === 'YAML'
    ? readDocumentText(formatYaml(content), 'YAML', type)
    : readDocumentText(JSON.stringify(content, null, 2), 'JSON', type);
}

describe('a document of each type', () => {
  test.each(types)('%s', (type) => {
    const content = valid[type];
    if (typeof content === 'string') expect(read(type).value).toBe(content);
    else {
      expect(read(type).value).toEqual(content);
      expect(read(type, content, 'YAML').value).toEqual(content);
    }
  });

  test('has something to do where its type says so', () => {
    const platformsOf = (type: DocumentType, content: object): readonly string[] =>
      understood(JSON.stringify(content), 'JSON', type, JSON.stringify(content)).platformTypes;
    expect(platformsOf('Command', command)).toEqual(['Linux', 'MacOS']);
    expect(platformsOf('Package', manifest)).toEqual(['Windows', 'Linux']);
    expect(
      platformsOf('Session', {
        ...(valid.Session as object),
        sessionType: 'InteractiveCommands',
        properties: { macos: { commands: 'top' } },
      }),
    ).toEqual(['MacOS']);
    expect(platformsOf('Automation', runbook)).toEqual([]);
  });

  test('a member that happens to be called parameters or description is not SSM’s where the type has no schema of its', () => {
    const odd = { description: ['not text'], parameters: 'nor these' };
    expect(understood(JSON.stringify(odd), 'JSON', 'ApplicationConfigurationSchema', 'odd')).toMatchObject({
      description: undefined,
      parameters: [],
    });
  });
});

describe('refused, with the line', () => {
  const step = (more: object) => ({
    ...runbook,
    outputs: [],
    mainSteps: [
      { name: 'a', action: 'aws:pause', inputs: {} },
      { name: 'b', action: 'aws:pause', inputs: {}, ...more },
    ],
  });
  test.each<[string, DocumentType, object, RegExp]>([
    [
      'an unknown member',
      'Automation',
      { ...runbook, runtimeConfig: {} },
      /runtimeConfig \(line \d+\): is not known here/,
    ],
    [
      'an unknown action',
      'Automation',
      step({ action: 'aws:launchRocket' }),
      /mainSteps\[1\]\.action \(line \d+\): aws:launchRocket is not an action/,
    ],
    ['a plugin of commands', 'Automation', step({ action: 'aws:runShellScript' }), /not an action of runbooks/],
    [
      'two steps of one name',
      'Automation',
      step({ name: 'a' }),
      /mainSteps\[1\]\.name \(line \d+\): a is the name of another step/,
    ],
    ['a name with a dash', 'Automation', step({ name: 'a-b' }), /letters, digits and _ only/],
    [
      'no inputs',
      'Automation',
      step({ action: 'aws:sleep', inputs: undefined }),
      /aws:sleep needs Duration or Timestamp/,
    ],
    [
      'an input missing',
      'Automation',
      step({ action: 'aws:executeAwsApi', inputs: { Service: 'ec2' } }),
      /has no Api, which aws:executeAwsApi needs/,
    ],
    [
      'a step that is not there',
      'Automation',
      step({ nextStep: 'c' }),
      /mainSteps\[1\]\.nextStep \(line \d+\): c is not a step/,
    ],
    [
      'an onFailure that is none',
      'Automation',
      step({ onFailure: 'Retry' }),
      /onFailure \(line \d+\): must be Abort, Continue or step:NAME/,
    ],
    [
      'a branch to nowhere',
      'Automation',
      step({ action: 'aws:branch', inputs: { Choices: [{ NextStep: 'z', Variable: 'a', StringEquals: 'b' }] } }),
      /Choices\[0\]\.NextStep \(line \d+\): z is not a step/,
    ],
    [
      'a comparison that is none',
      'Automation',
      step({ action: 'aws:branch', inputs: { Choices: [{ NextStep: 'a', Variable: 'a', Equals: 'b' }] } }),
      /Equals \(line \d+\): is no comparison/,
    ],
    [
      'Parameter Store in an input',
      'Automation',
      step({ inputs: { deep: [{ a: '{{ ssm:x }}' }] } }),
      /deep\[0\]\.a \(line \d+\): may not refer to Parameter Store/,
    ],
    [
      'a circle',
      'Automation',
      step({ nextStep: 'a' }),
      /mainSteps\[1\] \(line \d+\): leads into an infinite loop: a -> b -> a/,
    ],
    [
      'an output of no step',
      'Automation',
      { ...runbook, outputs: ['nobody.x'] },
      /outputs\[0\] \(line \d+\): nobody is not a step/,
    ],
    [
      'a checksum that is none',
      'Automation',
      { ...runbook, files: { a: { checksums: { sha256: 'x' } } } },
      /files\.a\.checksums\.sha256 \(line \d+\): must be a SHA-256/,
    ],
    [
      'a variable without a type',
      'Automation',
      { ...runbook, variables: { v: { default: 1 } } },
      /variables\.v \(line \d+\): has no type/,
    ],
    ['no steps', 'Automation', { ...runbook, mainSteps: [] }, /mainSteps \(line \d+\): has no steps/],
    [
      'a template’s runbook without a name',
      'Automation.ChangeTemplate',
      { ...runbook, executableRunBooks: [{ version: '1' }] },
      /executableRunBooks\[0\]\.name/,
    ],
    ['a session of no type', 'Session', { schemaVersion: '1.0' }, /has no sessionType/],
    [
      'an idle time of two hours',
      'Session',
      { schemaVersion: '1.0', sessionType: 'Standard_Stream', inputs: { idleSessionTimeout: '120' } },
      /idleSessionTimeout \(line \d+\): must be minutes from 1 to 60/,
    ],
    [
      'a port session without its port',
      'Session',
      { schemaVersion: '1.0', sessionType: 'Port', properties: {} },
      /portNumber.*is missing/,
    ],
    [
      'commands for no system',
      'Session',
      { schemaVersion: '1.0', sessionType: 'InteractiveCommands', properties: {} },
      /without linux, windows or macos/,
    ],
    [
      'a file that is not listed',
      'Package',
      { ...manifest, packages: { _any: { _any: { _any: { file: 'b.zip' } } } } },
      /file \(line \d+\): b\.zip is not in files/,
    ],
    [
      'a file in no package',
      'Package',
      { ...manifest, files: { ...manifest.files, 'c.zip': { checksums: { sha256 } } } },
      /files\.c\.zip.*is in none of the packages/,
    ],
    [
      'a growth of 200',
      'DeploymentStrategy',
      { DeploymentDurationInMinutes: 1, GrowthFactor: 200 },
      /GrowthFactor \(line \d+\): must be a number from 1 to 100/,
    ],
    ['a resource without a type', 'CloudFormation', { Resources: { a: {} } }, /Resources\.a\.Type.*is missing/],
  ])('%s', (_name, type, content, message) => {
    expect(() => read(type, content)).toThrow(
      expect.objectContaining({
        code: 'InvalidDocumentContent',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  test.each<[string, string, RegExp]>([
    ['nothing', '', /has no lines/],
    ['no calendar', 'BEGIN:VTODO\r\n', /Line 1: must be BEGIN:VCALENDAR/],
    ['no type', calendar.replace('X-CALENDAR-TYPE:DEFAULT_OPEN\r\n', ''), /must have X-CALENDAR-TYPE/],
    ['another version', calendar.replace('VERSION:2.0', 'VERSION:1.0'), /must have VERSION:2\.0/],
    ['a line that is none', calendar.replace('UID:1', 'UID'), /Line 6: is no line of iCalendar/],
    [
      'an end that fits nothing',
      calendar.replace('END:VEVENT', 'END:VTODO'),
      /Line 11: ends VTODO, but VEVENT is open/,
    ],
    ['an event without its start', calendar.replace(/DTSTART.*\r\n/, ''), /Line 5: is an event without DTSTART/],
    ['a calendar that does not end', calendar.replace('END:VCALENDAR\r\n', ''), /Line 1: VCALENDAR is never ended/],
    ['something after the end', `${calendar}X:1\r\n`, /Line 13: comes after END:VCALENDAR/],
  ])('a calendar of %s', (_name, text, message) => {
    expect(() => read('ChangeCalendar', text)).toThrow(
      expect.objectContaining({
        code: 'InvalidDocumentContent',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  test('a schema that is another type’s', () => {
    expect(() => read('Automation', { ...runbook, schemaVersion: '2.2' })).toThrow(
      /not one of Automation documents; use 0\.3/,
    );
    expect(() => read('Session', { sessionType: 'Port' })).toThrow(/has no schemaVersion; use 1\.0/);
  });
});

test('whatever is done to a document, it is taken or refused with a message of one line, and never breaks the reader', () => {
  const values = fc.oneof(fc.constant(undefined), fc.constant(null), fc.jsonValue({ maxDepth: 2 }));
  const place = fc.array(fc.nat(6), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.constantFrom(...types.filter((type) => typeof valid[type] === 'object')),
      place,
      values,
      (type, path, value) => {
        const content = structuredClone(valid[type]) as Record<string, unknown>;
        let holder: Record<string, unknown> = content;
        for (const [depth, turn] of path.entries()) {
          const names = Object.keys(holder);
          const name = names[turn % Math.max(1, names.length)] ?? 'new';
          const next = holder[name];
          if (depth === path.length - 1 || typeof next !== 'object' || next === null) {
            if (value === undefined) delete holder[name];
            else holder[name] = value;
            break;
          }
          holder = next as Record<string, unknown>;
        }
        try {
          read(type, content);
        } catch (error) {
          expect(['InvalidDocumentContent', 'InvalidDocumentSchemaVersion']).toContain(
            (error as { code?: string }).code,
          );
          expect((error as Error).message).toMatch(/^.+$/);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
