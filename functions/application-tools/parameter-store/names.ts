/** Names of parameters: their rules, and how requests refer to a parameter (spec: parameter-store.md §2, §4). Pure. */
import type { AwsLocation } from '../../../core/arns.ts';
import { AccessDeniedException, ValidationException } from '../../../core/errors.ts';
import { partitionOf } from '../../../core/partition.ts';
import { HierarchyLevelLimitExceededException, ParameterNotFound } from './errors.ts';

/** AWS counts the last part too. */
const mostLevels = 15;
/** The limit for name and ARN prefix together. */
const longestArn = 1011;

const subPaths =
  'If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';

/** The id of a parameter: `/x` and `x` are the same parameter. Ids sort in the order of names. */
export function idOf(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}

/** Whether a parameter can have this id. Other ids are not looked up, because no key can hold them. */
export function isId(id: string): boolean {
  return id.length <= longestArn && /^\/[\w.\-/]+$/.test(id);
}

/** The path that directly contains the parameter: `/a` for `/a/b`, and the empty one for `/a`. */
export function parentOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/'));
}

/** The name's first slash is the one in the ARN. */
export function parameterArn(name: string, { account, region }: AwsLocation): string {
  return `arn:${partitionOf(region).name}:ssm:${region}:${account}:parameter${idOf(name)}`;
}

/**
 * A name that PutParameter may create or change, without surrounding blanks.
 * @throws ValidationException, AccessDeniedException for a path that AWS reserves, HierarchyLevelLimitExceededException
 */
export function checkName(given: string, location: AwsLocation): string {
  const name = given.trim();
  const isPath = name.lastIndexOf('/') > 0;
  const reserved = /^\/?(aws|ssm)/i.exec(name)?.[1]?.toLowerCase();
  if (reserved === 'aws' && isPath && name.startsWith('/'))
    throw new AccessDeniedException(`No access to reserved parameter name: ${name}.`);
  if (reserved !== undefined && !isPath)
    throw new ValidationException('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  if (reserved !== undefined) throw badSubPaths();
  checkForm(name);
  if (idOf(name).split('/').length - 1 > mostLevels)
    throw new HierarchyLevelLimitExceededException(
      `A hierarchy can have a maximum of ${mostLevels} levels. For more information, see Requirements and constraints for parameter names.`,
    );
  if (parameterArn(name, location).length > longestArn)
    throw new ValidationException(
      `Parameter name: the name and its ARN prefix together can have at most ${longestArn} characters.`,
    );
  return name;
}

/** @throws ValidationException for an invalid name */
function checkForm(name: string): void {
  if (!/^[\w.\-/]+$/.test(name) || name.includes('//')) throw badSubPaths();
  if (name.lastIndexOf('/') > 0 && !name.startsWith('/'))
    throw new ValidationException('Parameter name must be a fully qualified name.');
  if (name.endsWith('/')) throw new ValidationException('Parameter name must not end with slash.');
}

function badSubPaths(): ValidationException {
  return new ValidationException(`Parameter name: can't be prefixed with "ssm" (case-insensitive). ${subPaths}`);
}

/** Selects a version of a parameter. */
export interface Selector {
  /** As the answer repeats it: `:3`, `:prod`. */
  readonly text: string;
  readonly version?: number;
  readonly label?: string;
}

export interface Reference {
  readonly id: string;
  readonly selector?: Selector;
}

/**
 * The parameter that `name`, `name:3`, `name:label` or an ARN of these refers to. `undefined` for an ARN of another
 * account or Region, two selectors, or no name.
 */
export function referenceOf(given: string, location: AwsLocation): Reference | undefined {
  const [name, selector, ...rest] = partsOf(given, location);
  if (name === undefined || rest.length > 0 || !isId(idOf(name))) return undefined;
  return { id: idOf(name), ...(selector === undefined ? {} : { selector: selectorOf(selector) }) };
}

/**
 * As {@link referenceOf}, for an operation on one parameter: an invalid name is refused with PutParameter's error.
 * @throws ValidationException
 */
export function checkedReference(given: string, location: AwsLocation): Reference | undefined {
  const [name] = partsOf(given, location);
  if (name !== undefined) checkForm(name);
  return referenceOf(given, location);
}

/** The name and the selectors; empty for an ARN of another account or Region. */
function partsOf(given: string, location: AwsLocation): readonly string[] {
  const prefix = parameterArn('', location);
  const isArn = given.startsWith('arn:');
  if (isArn && !given.startsWith(prefix)) return [];
  return (isArn ? given.slice(prefix.length - 1) : given.trim()).split(':');
}

/** Labels never begin with a digit, so a selector of digits is a version. */
function selectorOf(given: string): Selector {
  const text = `:${given}`;
  return /^\d+$/.test(given) ? { text, version: Number(given) } : { text, label: given };
}

/**
 * The id for DeleteParameter and the label operations, which take a whole parameter.
 * @throws ValidationException for an invalid name, ParameterNotFound for a selector
 */
export function wholeId(given: string, location: AwsLocation): string {
  const reference = checkedReference(given, location);
  if (reference === undefined || reference.selector !== undefined) throw noSuchParameter(given);
  return reference.id;
}

export function noSuchParameter(given: string): ParameterNotFound {
  return new ParameterNotFound(`Parameter ${given} not found.`);
}

/**
 * The path of a listing, without a slash at its end: empty for the root.
 * @throws ValidationException
 */
export function checkPath(path: string): string {
  if (path.length > longestArn || !/^\/[\w.\-/]*$/.test(path) || path.includes('//'))
    throw new ValidationException(
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). ' +
        'It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. ' +
        'All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
    );
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
