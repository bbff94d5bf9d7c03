/** The environment of AWS's Parameters and Secrets Lambda extension: what functions and containers set already. */

export const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'NONE'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface ExtensionSettings {
  readonly port: number;
  /** Parameters that are kept; 0: none. */
  readonly cacheSize: number;
  /** How long one is kept; 0: not at all. */
  readonly ttlMs: number;
  /** How long a call to Flotilla may take; 0: as long as it takes. */
  readonly timeoutMs: number;
  /** To Flotilla. */
  readonly maxConnections: number;
  readonly logLevel: LogLevel;
}

/** AWS's documented range of a number, and what it is when nobody says it. */
interface Range {
  readonly least: number;
  readonly most: number;
  readonly unsaid: number;
}

/**
 * As AWS's extension takes them: what is above its range is its most, what is no number its default; either is warned
 * of.
 * Source: the user guide's "Using Parameter Store parameters in AWS Lambda functions".
 */
export function extensionSettings(environment: Readonly<Record<string, string | undefined>>): {
  readonly settings: ExtensionSettings;
  readonly warnings: readonly string[];
} {
  const warnings: string[] = [];
  const number = (name: string, { least, most, unsaid }: Range): number => {
    const text = environment[name];
    if (text === undefined || text === '') return unsaid;
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    const taken = value > most ? most : value >= least ? value : unsaid;
    if (taken !== value) warnings.push(`${name} is ${text}, which is not from ${least} to ${most}: ${taken} is taken`);
    return taken;
  };
  const oneOf = <Word extends string>(name: string, words: readonly Word[], unsaid: Word): Word => {
    const text = environment[name];
    if (text === undefined || text === '') return unsaid;
    const word = words.find((one) => one === text.trim().toUpperCase());
    if (word === undefined)
      warnings.push(`${name} is ${text}, which is none of ${words.join(', ')}: ${unsaid} is taken`);
    return word ?? unsaid;
  };
  const enabled = oneOf('PARAMETERS_SECRETS_EXTENSION_CACHE_ENABLED', ['TRUE', 'FALSE'], 'TRUE') === 'TRUE';
  const cacheSize = number('PARAMETERS_SECRETS_EXTENSION_CACHE_SIZE', { least: 0, most: 1000, unsaid: 1000 });
  const settings: ExtensionSettings = {
    port: number('PARAMETERS_SECRETS_EXTENSION_HTTP_PORT', { least: 1, most: 65_535, unsaid: 2773 }),
    cacheSize: enabled ? cacheSize : 0,
    ttlMs: number('SSM_PARAMETER_STORE_TTL', { least: 0, most: 300, unsaid: 300 }) * 1000,
    timeoutMs: number('SSM_PARAMETER_STORE_TIMEOUT_MILLIS', { least: 0, most: 2 ** 31 - 1, unsaid: 0 }),
    maxConnections: number('PARAMETERS_SECRETS_EXTENSION_MAX_CONNECTIONS', {
      least: 1,
      most: Number.MAX_SAFE_INTEGER,
      unsaid: 3,
    }),
    logLevel: oneOf('PARAMETERS_SECRETS_EXTENSION_LOG_LEVEL', logLevels, 'INFO'),
  };
  return { settings, warnings };
}
