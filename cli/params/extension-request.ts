/** The wire of AWS's Parameters and Secrets Lambda extension: what is asked in a URL, and how a parameter is told. */

/** GetParameter's. */
export interface ParameterQuery {
  readonly Name: string;
  readonly WithDecryption: boolean;
}

/** With and without the last slash: AWS's own examples have both. */
const parametersPath = /^\/systemsmanager\/parameters\/get\/?$/;

/**
 * `name`, then `version` or `label` (of both the one that stands first), `withDecryption` as Go reads a boolean.
 * @returns 'elsewhere' for another path, 'unnamed' where there is no name
 */
export function queryOf(url: string): ParameterQuery | 'elsewhere' | 'unnamed' {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (!parametersPath.test(pathname)) return 'elsewhere';
  const name = searchParams.get('name') ?? '';
  if (name === '') return 'unnamed';
  const selector = [...searchParams].find(
    ([key, value]) => (key === 'version' || key === 'label') && value !== '',
  )?.[1];
  return {
    Name: selector === undefined ? name : `${name}:${selector}`,
    WithDecryption: /^(1|t|true)$/i.test(searchParams.get('withDecryption') ?? ''),
  };
}

/** What GetParameter answers on the wire, its time in epoch seconds. */
export interface WireParameter {
  readonly ARN?: string;
  readonly DataType?: string;
  readonly LastModifiedDate?: number;
  readonly Name?: string;
  readonly Selector?: string;
  readonly SourceResult?: string;
  readonly Type?: string;
  readonly Value?: string;
  readonly Version?: number;
}

/**
 * GetParameter's answer as the extension gives it, which is the Go SDK's: every member is there, absent ones null,
 * and the time a text. Clients in Go and Rust read nothing else.
 */
export function extensionAnswer({
  ARN,
  DataType,
  LastModifiedDate,
  Name,
  Selector,
  SourceResult,
  Type = '',
  Value,
  Version = 0,
}: WireParameter): string {
  const orNull = <T>(value: T | undefined): T | null => value ?? null;
  return JSON.stringify({
    Parameter: {
      ARN: orNull(ARN),
      DataType: orNull(DataType),
      LastModifiedDate: LastModifiedDate === undefined ? null : goTime(LastModifiedDate),
      Name: orNull(Name),
      Selector: orNull(Selector),
      SourceResult: orNull(SourceResult),
      Type,
      Value: orNull(Value),
      Version,
    },
    ResultMetadata: {},
  });
}

/** RFC 3339 without zeros at the end of the fraction. */
const goTime = (epochSeconds: number): string =>
  new Date(Math.round(epochSeconds * 1000)).toISOString().replace(/\.?0+Z$/, 'Z');
