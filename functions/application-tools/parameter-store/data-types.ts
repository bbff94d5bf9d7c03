/** Data types and the values that they allow (spec: parameter-store.md §3). Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import type { ParameterType } from '@aws-sdk/client-ssm';
import { ValidationException } from '../../../core/errors.ts';

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const hostname = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`);
const localPart = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;

/** Whether a value is valid for each type; `text` accepts everything. */
const validators = {
  text: () => true,
  'aws:ec2:image': (value) => /^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(value),
  'aws:ssm:integration': (value) => isJson(value),
  'aws:region': (value) => /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(value),
  'aws:account:id': (value) => /^\d{12}$/.test(value),
  boolean: (value) => value === 'true' || value === 'false',
  integer: (value) => /^-?\d+$/.test(value),
  float: (value) => /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value),
  binary: (value) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value),
  hostname: (value) => hostname.test(value),
  email: isEmail,
  'ipv4-address': isIPv4,
  'ipv6-address': isIPv6,
  url: (value) => /^[a-zA-Z][a-zA-Z0-9+.-]*:\S+$/.test(value) && URL.canParse(value),
  json: isJson,
  jsonc: (value) => isJson(withoutComments(value)),
} satisfies Readonly<Record<string, (value: string) => boolean>>;

export type DataType = keyof typeof validators;

/** Types whose value is one item, even when it has commas. */
const wholeTypes: ReadonlySet<DataType> = new Set<DataType>(['json', 'jsonc']);
/** Types that a parameter can neither get nor lose later. */
const fixedTypes: ReadonlySet<DataType> = new Set<DataType>(['aws:ec2:image', 'aws:ssm:integration']);

/** @throws ValidationException for an unknown data type */
export function dataTypeNamed(name: string): DataType {
  if (!Object.hasOwn(validators, name))
    throw new ValidationException(
      `The following data type is not supported: ${name} (Data type names are all lowercase.)`,
    );
  return name as DataType;
}

/**
 * @param before the parameter's current data type
 * @throws ValidationException when the type does not allow the data type, or the value is not valid for it
 */
export function checkDataType(dataType: DataType, type: ParameterType, value: string, before?: DataType): void {
  if (before !== undefined && before !== dataType && (fixedTypes.has(before) || fixedTypes.has(dataType)))
    throw new ValidationException(`The data type of a parameter cannot be changed from ${before} to ${dataType}.`);
  if (dataType === 'aws:ec2:image' && type !== 'String')
    throw new ValidationException('The data type aws:ec2:image is supported for parameters of type String only.');
  if (dataType === 'aws:ssm:integration' && type !== 'SecureString')
    throw new ValidationException(
      'The data type aws:ssm:integration is supported for parameters of type SecureString only.',
    );
  if (type === 'StringList' && wholeTypes.has(dataType))
    throw new ValidationException(`The data type ${dataType} is not supported for parameters of type StringList.`);
  const isValid: (value: string) => boolean = validators[dataType];
  const items = type === 'StringList' && dataType !== 'text' ? value.split(',') : [value];
  // The value may be a secret, so the message does not repeat it.
  if (!items.every((item) => isValid(item)))
    throw new ValidationException(`The parameter value is not valid for the data type ${dataType}.`);
}

function isEmail(value: string): boolean {
  const at = value.lastIndexOf('@');
  return (
    value.length <= 254 &&
    at > 0 &&
    at <= 64 &&
    localPart.test(value.slice(0, at)) &&
    hostname.test(value.slice(at + 1))
  );
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

/** JSONC as JSON: comments become blanks, and a comma before a closing bracket is removed. Strings stay unchanged. */
function withoutComments(value: string): string {
  const bare = value.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n\r]*|\/\*[\s\S]*?\*\//g, (part) =>
    part.startsWith('"') ? part : ' ',
  );
  return bare.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[\]}])/g, (part) => (part.startsWith('"') ? part : ''));
}
