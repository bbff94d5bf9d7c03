/**
 * The environment variables of AWS's Parameters and Secrets Lambda extension, which functions and containers set
 * already.
 */

export const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'NONE'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface ExtensionSettings {
  readonly port: number;
  /** The most parameters in the cache; 0: no cache. */
  readonly cacheSize: number;
  /** Milliseconds that a parameter is cached; 0: not at all. */
  readonly ttlMs: number;
  /** Milliseconds that a call to Flotilla may take; 0: no limit. */
  readonly timeoutMs: number;
  /** The most connections to Flotilla. */
  readonly maxConnections: number;
  readonly logLevel: LogLevel;
}

/** AWS's documented range of a number, and its default. */
interface Range {
  readonly least: number;
  readonly most: number;
  readonly unsaid: number;
}

/**
 * As in AWS's extension: a number above its range becomes the maximum, and what is no number becomes the default; a
 * warning is logged for both. Source: the user guide's "Using Parameter Store parameters in AWS Lambda functions".
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
