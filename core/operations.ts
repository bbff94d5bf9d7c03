/**
 * The operations of a service as types, taken from AWS's client packages. Only types are imported: nothing is loaded at
 * run time. A registered operation with the wrong shape does not compile.
 */
import type * as Ssm from '@aws-sdk/client-ssm';
import type { Operation } from './context.ts';

/**
 * An input after the front door's check: required members are present. The clients' types write a required member as
 * `Name: string
 *  undefined` and an optional one as `Name?: string
 *  undefined`.
 */
export type Checked<T> = T extends Date | Uint8Array | string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Element)[]
    ? Checked<Element>[]
    : T extends object
      ? { [Member in keyof T]: object extends Pick<T, Member> ? Checked<T[Member]> : NonNullable<Checked<T[Member]>> }
      : T;

type CommandOf<Client, Name extends string> = `${Name}Command` extends keyof Client ? Client[`${Name}Command`] : never;
export type NamesOf<Client> = {
  [Export in keyof Client]: Export extends `${infer Name}Command` ? Name : never;
}[keyof Client];

/** The checked input of an operation. */
export type InputOf<Client, Name extends string> =
  CommandOf<Client, Name> extends abstract new (...parameters: infer Parameters) => unknown
    ? Checked<InputAmong<Parameters>>
    : never;

/**
 * A command without required members has the constructor parameters `[]
 *  [input]`.
 */
type InputAmong<Parameters> = Parameters extends readonly [infer Input] ? Input : never;

/** The output of an operation, as the room's function returns it. */
export type OutputOf<Client, Name extends string> =
  CommandOf<Client, Name> extends abstract new (...input: never[]) => {
    resolveMiddleware: (...parameters: never[]) => (...parameters: never[]) => Promise<{ output: infer Output }>;
  }
    ? Omit<Output, '$metadata'>
    : never;

/** The registered operations of a service. One that is absent answers with the API's unknown-operation error. */
export type Operations<Client> = {
  readonly [Name in NamesOf<Client>]?: Operation<InputOf<Client, Name>, OutputOf<Client, Name>>;
};

export type SsmOperations = Operations<typeof Ssm>;
/** What the room's function takes: `SsmInput<'SendCommand'>`. */
export type SsmInput<Name extends NamesOf<typeof Ssm>> = InputOf<typeof Ssm, Name>;
export type SsmOutput<Name extends NamesOf<typeof Ssm>> = OutputOf<typeof Ssm, Name>;
/** The type of the room's function: `SsmOperation<'SendCommand'>`. */
export type SsmOperation<Name extends NamesOf<typeof Ssm>> = Operation<SsmInput<Name>, SsmOutput<Name>>;
