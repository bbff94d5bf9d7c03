/** Parameter Store's operations, called as the front door calls them. */
import { expect } from 'vitest';
import type { Caller } from '../../../../core/caller.ts';
import { operations } from '../../../../functions/application-tools/parameter-store/operations.ts';
import type { TestContext } from '../../../support/context.ts';

type Operations = typeof operations;

/** Calls an operation with input that its model allows. */
export function caller(test: TestContext, by?: Caller) {
  return <Name extends keyof Operations>(name: Name, input: object): Promise<Awaited<ReturnType<Operations[Name]>>> =>
    (operations[name] as (input: object, context: object) => Promise<Awaited<ReturnType<Operations[Name]>>>)(
      input,
      test.as(by),
    );
}

export const refusal = (code: string, message?: string | RegExp) =>
  expect.objectContaining({
    code,
    ...(message === undefined
      ? {}
      : { message: typeof message === 'string' ? message : (expect.stringMatching(message) as string) }),
  }) as Error;
