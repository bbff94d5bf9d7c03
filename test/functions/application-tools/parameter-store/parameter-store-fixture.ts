/** Parameter Store's operations, called as the front door calls them. */
import { expect } from 'vitest';
import type { Caller } from '../../../../core/caller.ts';
import { room as parameterStoreRoom } from '../../../../functions/application-tools/parameter-store/room.ts';
import type { TestContext } from '../../../support/context.ts';

const operations = parameterStoreRoom.operations.ssm;

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
