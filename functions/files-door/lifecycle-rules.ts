/** Parses lifecycle rules and decides what has expired. Pure. */
import { malformedXml, notImplemented, S3Error } from './errors.ts';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-reader.ts';

export interface LifecycleRule {
  readonly id: string;
  readonly enabled: boolean;
  readonly prefix: string;
  /** Days after an object was stored until it is removed. */
  readonly expireDays?: number;
  /** Days after a version ceased to be the latest until it is removed. */
  readonly noncurrentDays?: number;
  /** Days after a multipart upload began until it is removed. */
  readonly abortDays?: number;
}

const mostRules = 1000;
const day = 86_400_000;
const actions: ReadonlySet<string> = new Set([
  'Expiration',
  'NoncurrentVersionExpiration',
  'AbortIncompleteMultipartUpload',
]);
const known: ReadonlySet<string> = new Set(['ID', 'Status', 'Filter', 'Prefix', ...actions]);

/** @throws S3Error MalformedXML, InvalidArgument; NotImplemented for rules that would not be applied */
export function readLifecycle(text: string): LifecycleRule[] {
  const root = readXml(text);
  const rules = childrenOf(root, 'Rule');
  if (root.name !== 'LifecycleConfiguration' || rules.length === 0 || rules.length > mostRules) throw malformedXml();
  const read = rules.map(readRule);
  if (new Set(read.map(({ id }) => id)).size < read.length)
    throw new S3Error('InvalidArgument', 400, 'Rule ID must be unique. Found same ID for more than one rule');
  return read;
}

function readRule(rule: XmlElement, index: number): LifecycleRule {
  for (const { name } of rule.children) if (!known.has(name)) throw notImplemented(`${name} of a lifecycle rule`);
  const status = textOf(rule, 'Status');
  if (status !== 'Enabled' && status !== 'Disabled') throw malformedXml();
  if (!rule.children.some(({ name }) => actions.has(name)))
    throw new S3Error('InvalidRequest', 400, 'At least one action needs to be specified in a rule');
  const expireDays = daysOf(rule, 'Expiration', 'Days');
  const noncurrentDays = daysOf(rule, 'NoncurrentVersionExpiration', 'NoncurrentDays');
  const abortDays = daysOf(rule, 'AbortIncompleteMultipartUpload', 'DaysAfterInitiation');
  return {
    id: textOf(rule, 'ID') ?? `rule-${index + 1}`,
    enabled: status === 'Enabled',
    prefix: prefixOf(rule),
    ...(expireDays === undefined ? {} : { expireDays }),
    ...(noncurrentDays === undefined ? {} : { noncurrentDays }),
    ...(abortDays === undefined ? {} : { abortDays }),
  };
}

/** `<Filter><Prefix>`, or the older `<Prefix>`. */
function prefixOf(rule: XmlElement): string {
  const [filter] = childrenOf(rule, 'Filter');
  for (const { name } of filter?.children ?? [])
    if (name !== 'Prefix') throw notImplemented(`${name} in the filter of a lifecycle rule`);
  return (filter === undefined ? textOf(rule, 'Prefix') : textOf(filter, 'Prefix')) ?? '';
}

function daysOf(rule: XmlElement, action: string, member: string): number | undefined {
  const [element] = childrenOf(rule, action);
  if (element === undefined) return undefined;
  for (const { name } of element.children) if (name !== member) throw notImplemented(`${name} of ${action}`);
  const text = textOf(element, member) ?? '';
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new S3Error('InvalidArgument', 400, `'${member}' for ${action} action must be a positive integer`);
  return Number(text);
}

/** Whether something that began at `since` has expired: whole days in UTC, counted from the next midnight. */
export function isOver(since: number, days: number, now: number): boolean {
  return Math.ceil(since / day + days) * day <= now;
}

/** The next midnight in UTC. */
export function nextMidnight(now: number): number {
  return (Math.floor(now / day) + 1) * day;
}
