/** Names of parameters: what they may be, and how requests refer to one (spec: parameter-store.md §2, §4). Pure. */
import { AccessDeniedException, ValidationException } from '../../../core/errors.ts';
import { partitionOf } from '../../../core/partition.ts';
import { HierarchyLevelLimitExceededException, ParameterNotFound } from './errors.ts';

export interface Place {
  readonly account: string;
  readonly region: string;
}

/** AWS counts the leaf. */
const mostLevels = 15;
/** Of name and ARN prefix together. */
const longestArn = 1011;

const subPaths =
  'If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';

/** What a name is known by: `/x` and `x` are the same parameter. Ids sort as names do. */
export function idOf(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}

/** Whether there can be a parameter of this id: what cannot be is not looked up, for no key could hold it. */
export function isId(id: string): boolean {
  return id.length <= longestArn && /^\/[\w.\-/]+$/.test(id);
}

/** The path that a parameter stands in directly: `/a` of `/a/b`, and the empty one of `/a`. */
export function parentOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/'));
}

/** The slash of a name is the ARN's own. */
export function parameterArn(name: string, { account, region }: Place): string {
  return `arn:${partitionOf(region).name}:ssm:${region}:${account}:parameter${idOf(name)}`;
}

/**
 * A name that PutParameter may create or change, without the blanks around it.
 * @throws ValidationException, AccessDeniedException for a path that is AWS's, HierarchyLevelLimitExceededException
 */
export function checkName(given: string, place: Place): string {
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
  if (parameterArn(name, place).length > longestArn)
    throw new ValidationException(
      `Parameter name: the name and its ARN prefix together can have at most ${longestArn} characters.`,
    );
  return name;
}

/** @throws ValidationException for what can be no parameter's name */
function checkForm(name: string): void {
  if (!/^[\w.\-/]+$/.test(name) || name.includes('//')) throw badSubPaths();
  if (name.lastIndexOf('/') > 0 && !name.startsWith('/'))
    throw new ValidationException('Parameter name must be a fully qualified name.');
  if (name.endsWith('/')) throw new ValidationException('Parameter name must not end with slash.');
}

function badSubPaths(): ValidationException {
  return new ValidationException(`Parameter name: can't be prefixed with "ssm" (case-insensitive). ${subPaths}`);
}

/** Which version of a parameter a request means. */
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
 * What `name`, `name:3`, `name:label` or an ARN of these refers to; `undefined` where that can be nothing of ours:
 * another account's or Region's ARN, two selectors, or no name at all.
 */
export function referenceOf(given: string, place: Place): Reference | undefined {
  const [name, selector, ...rest] = partsOf(given, place);
  if (name === undefined || rest.length > 0 || !isId(idOf(name))) return undefined;
  return { id: idOf(name), ...(selector === undefined ? {} : { selector: selectorOf(selector) }) };
}

/**
 * The same for an operation that takes one parameter, where a name that no parameter can have is refused as
 * PutParameter refuses it.
 * @throws ValidationException
 */
export function checkedReference(given: string, place: Place): Reference | undefined {
  const [name] = partsOf(given, place);
  if (name !== undefined) checkForm(name);
  return referenceOf(given, place);
}

/** A name and its selectors; nothing of another account's or Region's ARN. */
function partsOf(given: string, place: Place): readonly string[] {
  const prefix = parameterArn('', place);
  const isArn = given.startsWith('arn:');
  if (isArn && !given.startsWith(prefix)) return [];
  return (isArn ? given.slice(prefix.length - 1) : given.trim()).split(':');
}

/** Labels never begin with a digit: what is all digits is a version. */
function selectorOf(given: string): Selector {
  const text = `:${given}`;
  return /^\d+$/.test(given) ? { text, version: Number(given) } : { text, label: given };
}

/**
 * What DeleteParameter and the label operations name: a whole parameter.
 * @throws ValidationException for a name that no parameter can have, ParameterNotFound for a selector
 */
export function wholeId(given: string, place: Place): string {
  const reference = checkedReference(given, place);
  if (reference === undefined || reference.selector !== undefined) throw noSuchParameter(given);
  return reference.id;
}

export function noSuchParameter(given: string): ParameterNotFound {
  return new ParameterNotFound(`Parameter ${given} not found.`);
}

/**
 * The path that a listing is asked for, without a slash at its end: empty for the root.
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
