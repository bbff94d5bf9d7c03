/** The contract of events: whether one keeps to its schema in events/schemas. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';
import { expect } from 'vitest';
import { envelope, localSource } from '../../core/event-envelope.ts';
import type { EventBridgeEvent, OutgoingEvent } from '../../core/events.ts';

const folder = path.resolve(import.meta.dirname, '../../events');
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));

/** `EC2 Command Status-change Notification` → `ec2-command-status-change-notification` */
export const fileOf = (detailType: string): string => detailType.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

/** The files of a folder below events/, without `.json`. */
const namesIn = (below: string): string[] =>
  readdirSync(path.join(folder, below)).map((file) => path.basename(file, '.json'));

export const schemaNames: readonly string[] = namesIn('schemas').filter((name) => name !== 'envelope');
export const sampleNames: readonly string[] = namesIn('samples');
export const sampleOf = (name: string): EventBridgeEvent => read(`samples/${name}.json`) as EventBridgeEvent;
export const schemaOf = (name: string): AnySchemaObject => read(`schemas/${name}.json`) as AnySchemaObject;

const ajv = new Ajv({ allErrors: true, strict: true, strictTuples: false, strictTypes: false });
ajv.addSchema(schemaOf('envelope'));
const validators = new Map<string, ValidateFunction>();

function validatorOf(detailType: string): ValidateFunction {
  let validator = validators.get(detailType);
  if (validator === undefined) validators.set(detailType, (validator = ajv.compile(schemaOf(fileOf(detailType)))));
  return validator;
}

/** Where an event, as a room names it or as a handler is given it, breaks its contract; empty for one that keeps it. */
export function violationsOf(event: OutgoingEvent | EventBridgeEvent): string[] {
  const message: unknown = JSON.parse(
    JSON.stringify(
      'detailType' in event
        ? envelope(event, { source: localSource, account: '123456789012', region: 'us-east-1' })
        : event,
    ),
  );
  const detailType = 'detailType' in event ? event.detailType : event['detail-type'];
  if (!schemaNames.includes(fileOf(detailType))) return [`${detailType} has no schema in events/schemas`];
  const validate = validatorOf(detailType);
  validate(message);
  return (validate.errors ?? []).map(
    (error) => `${detailType}${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
  );
}

/** Fails the test unless the event keeps to its schema. */
export function expectValidEvent(event: OutgoingEvent | EventBridgeEvent): void {
  expect(violationsOf(event)).toEqual([]);
}
