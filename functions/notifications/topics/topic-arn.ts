/** A topic's name and ARN, in SNS's form. Pure. */
import { ValidationException } from '../../../core/errors.ts';
import { partitionOf } from '../../../core/partition.ts';

interface Place {
  readonly account: string;
  readonly region: string;
}

export interface TopicArn {
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

/** @throws ValidationException unless it is 1 to 256 letters, digits, - or _, optionally followed by `.fifo` */
export function checkTopicName(name: unknown): string {
  if (typeof name !== 'string' || !/^[\w-]{1,251}(\.fifo)?$|^[\w-]{1,256}$/.test(name))
    throw new ValidationException('A topic’s name is 1 to 256 letters, digits, - or _.');
  return name;
}

export function topicArn({ account, region }: Place, name: string): string {
  return `arn:${partitionOf(region).name}:sns:${region}:${account}:${name}`;
}

/** The parts of a topic's ARN, or undefined where the text is none. */
export function parseTopicArn(arn: string): TopicArn | undefined {
  const [, region, account, name] =
    /^arn:aws[a-z-]*:sns:([a-z0-9-]+):(\d{12}):([\w-]{1,251}(?:\.fifo)?|[\w-]{1,256})$/.exec(arn) ?? [];
  return region === undefined || account === undefined || name === undefined ? undefined : { region, account, name };
}
