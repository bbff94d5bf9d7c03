/** The protocol of AWS's Parameters and Secrets Lambda extension: parses URLs and builds answers. */

/** The input of GetParameter. */
export interface ParameterQuery {
  readonly Name: string;
  readonly WithDecryption: boolean;
}

/** With and without a slash at the end: AWS's own examples have both. */
const parametersPath = /^\/systemsmanager\/parameters\/get\/?$/;

/**
 * Reads `name`, `version` or `label` (whichever comes first), and `withDecryption` as Go parses a boolean.
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

/** GetParameter's answer in JSON, with the time in epoch seconds. */
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
 * GetParameter's answer in the extension's form, which is the Go SDK's: every member is present, absent ones are null,
 * and the time is text. Clients in Go and Rust need exactly this.
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
