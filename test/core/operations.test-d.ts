import { expectTypeOf, test } from 'vitest';
import type { SsmInput, SsmOperations, SsmOutput } from '../../core/operations.ts';

test('a required member of an input is there, an optional one may not be', () => {
  expectTypeOf<SsmInput<'SendCommand'>['DocumentName']>().toEqualTypeOf<string>();
  expectTypeOf<SsmInput<'SendCommand'>['Comment']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<SsmInput<'ListCommands'>['MaxResults']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<NonNullable<SsmInput<'CreateActivation'>['Tags']>[number]['Key']>().toEqualTypeOf<string>();
});

test('an output has its members and no $metadata', () => {
  expectTypeOf<SsmOutput<'SendCommand'>['Command']>().not.toBeNever();
  expectTypeOf<SsmOutput<'SendCommand'>>().not.toHaveProperty('$metadata');
});

test('operations are optional and named as the API names them', () => {
  expectTypeOf<SsmOperations>().toHaveProperty('SendCommand');
  expectTypeOf<object>().toExtend<SsmOperations>();
});
