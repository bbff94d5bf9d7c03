/** Parameters of Parameter Store that a document names: `{{ssm:name}}` in a step, `{{ssm-secure:name}}` in a source. */
import { ServiceError } from '../core/http-client.ts';
import type { ServiceClient } from './service-client.ts';

/** The part of the client that is needed. */
type Service = Pick<ServiceClient, 'call'>;

interface StoredParameter {
  readonly Name: string;
  /** `:3`, `:stable`; absent where the name had none. */
  readonly Selector?: string;
  readonly Type: string;
  readonly Value: string;
}

interface Answer {
  readonly Parameters?: readonly StoredParameter[];
  readonly InvalidParameters?: readonly string[];
}

/** The most names that GetParameters takes. */
const mostNames = 10;

/**
 * The values of plain parameters, by the requested names: `app/key`, `/app/key:3`.
 * @throws Error that says which parameter could not be read, and why: it does not exist, is a SecureString, may not be
 * read by this node, or the service could not be reached
 */
export async function readPlainParameters(
  names: readonly string[],
  service: Service,
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  for (let at = 0; at < names.length; at += mostNames) {
    const asked = names.slice(at, at + mostNames);
    const { Parameters: found = [], InvalidParameters: absent = [] } = await readTogether(asked, service);
    if (absent.length > 0) throw new Error(`Parameter Store has no parameter ${absent.join(', ')}.`);
    for (const name of asked) {
      const parameter = found.find((one) => isSame(`${one.Name}${one.Selector ?? ''}`, name));
      if (parameter === undefined) throw new Error(`Parameter Store has no parameter ${name}.`);
      if (parameter.Type === 'SecureString')
        throw new Error(`The parameter ${name} is a SecureString and cannot be used in a document.`);
      known.set(name, parameter.Value);
    }
  }
  return known;
}

/**
 * The value of a secret, decrypted.
 * @throws as `readPlainParameters`
 */
export async function readSecret(name: string, service: Service): Promise<string> {
  try {
    const { Parameter: parameter } = await service.call<{ Parameter?: { Value?: string } }>('ssm', 'GetParameter', {
      Name: name,
      WithDecryption: true,
    });
    return parameter?.Value ?? '';
  } catch (error) {
    throw unreadable(name, error);
  }
}

/**
 * GetParameters refuses all names because of one. Then each name is requested alone, and the error names the refused
 * one.
 */
async function readTogether(names: readonly string[], service: Service): Promise<Answer> {
  try {
    return await service.call<Answer>('ssm', 'GetParameters', { Names: names, WithDecryption: false });
  } catch (error) {
    if (names.length === 1 || !(error instanceof ServiceError)) throw unreadable(names.join(', '), error);
  }
  const answers: Answer[] = [];
  for (const name of names) answers.push(await readTogether([name], service));
  return {
    Parameters: answers.flatMap((answer) => answer.Parameters ?? []),
    InvalidParameters: answers.flatMap((answer) => answer.InvalidParameters ?? []),
  };
}

function unreadable(name: string, error: unknown): Error {
  return new Error(`The parameter ${name} could not be read from Parameter Store: ${reason(error)}`, { cause: error });
}

function reason(error: unknown): string {
  if (!(error instanceof ServiceError))
    return `the service could not be reached (${error instanceof Error ? error.message : String(error)}).`;
  const hasText = error.message !== error.code;
  return hasText ? error.message : `the service refused the call (${error.code}, status ${error.status}).`;
}

/** `x` and `/x` are the same parameter. */
function isSame(one: string, other: string): boolean {
  return one.replace(/^\//, '') === other.replace(/^\//, '');
}
