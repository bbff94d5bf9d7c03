/**
 * The operations of a service as types, taken from AWS's own client packages (types only: nothing of them
 * is loaded at run time). A registered operation of the wrong shape does not compile.
 */
import type * as Ssm from '@aws-sdk/client-ssm';
import type { Operation } from './context.ts';

/**
 * An input after the front door's check: what the model requires is there. The clients' types say of a
 * required member `Name: string | undefined`, of an optional one `Name?: string | undefined`.
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

/** A command whose input has no required member is made of `[] | [input]`. */
type InputAmong<Parameters> = Parameters extends readonly [infer Input] ? Input : never;

/** The output of an operation, as its room returns it. */
export type OutputOf<Client, Name extends string> =
  CommandOf<Client, Name> extends abstract new (...input: never[]) => {
    resolveMiddleware: (...parameters: never[]) => (...parameters: never[]) => Promise<{ output: infer Output }>;
  }
    ? Omit<Output, '$metadata'>
    : never;

/** Every operation of a service that is registered. An absent one answers the API's unknown-operation error. */
export type Operations<Client> = {
  readonly [Name in NamesOf<Client>]?: Operation<InputOf<Client, Name>, OutputOf<Client, Name>>;
};

export type SsmOperations = Operations<typeof Ssm>;
/** `SsmInput<'SendCommand'>`: what the room's function takes. */
export type SsmInput<Name extends NamesOf<typeof Ssm>> = InputOf<typeof Ssm, Name>;
export type SsmOutput<Name extends NamesOf<typeof Ssm>> = OutputOf<typeof Ssm, Name>;
/** `SsmOperation<'SendCommand'>`: the function itself. */
export type SsmOperation<Name extends NamesOf<typeof Ssm>> = Operation<SsmInput<Name>, SsmOutput<Name>>;
