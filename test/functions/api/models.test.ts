/** Every shape of every model: what is encoded is decoded again, and hostile texts cost no time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadService, type LoadedService } from '../../../functions/api/loaded-service.ts';
import { shapeOf, type Shape } from '../../../functions/api/model.ts';
import { services } from '../../../functions/api/services.ts';
import { javaPattern } from '../../../functions/api/shapes/pattern.ts';

const loaded = await Promise.all(services.map(async ({ name }) => await loadService(name)));
const byName = loaded.map((service) => [service.name, service] as const);

/** A value of a shape, as an operation returns it; constraints are not minded. */
function valueOf(service: LoadedService, name: string, depth: number): fc.Arbitrary<unknown> {
  const shape: Shape = shapeOf(service.model, name);
  switch (shape.type) {
    case 'structure': {
      const members = Object.entries(shape.members ?? {}).filter(([, member]) => member.location === undefined);
      if (depth === 0) return fc.constant({});
      return fc
        .record(
          Object.fromEntries(members.map(([member, { shape: of }]) => [member, valueOf(service, of, depth - 1)])),
          { requiredKeys: [] },
        )
        .map((value) => ({ ...value }));
    }
    case 'list':
      return depth === 0
        ? fc.constant([])
        : fc.array(valueOf(service, shape.member?.shape ?? '', depth - 1), { maxLength: 2 });
    case 'map':
      return depth === 0
        ? fc.constant({})
        : fc.dictionary(fc.string({ maxLength: 5 }), valueOf(service, shape.value?.shape ?? '', depth - 1), {
            maxKeys: 2,
            noNullPrototype: true,
          });
    case 'string':
      return fc.string({ unit: 'binary', maxLength: 8 });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer();
    case 'long':
      return fc.maxSafeInteger();
    case 'float':
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
    case 'timestamp':
      return fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
    case 'blob':
      return fc.uint8Array({ maxLength: 9 }).map((bytes) => new Uint8Array(bytes));
  }
}

describe.each(byName)('%s', (_name, service) => {
  test('its place in the table of services is the model’s', () => {
    const { model } = service;
    expect(service).toMatchObject({ signingName: model.signingName, protocol: model.protocol });
    expect(service.targetPrefix).toBe(model.targetPrefix);
  });

  test('every structure survives the wire', () => {
    for (const [name, shape] of Object.entries(service.model.shapes)) {
      if (shape.type !== 'structure') continue;
      fc.assert(
        fc.property(valueOf(service, name, 4), (value) => {
          expect(service.decoder(name)(JSON.parse(JSON.stringify(service.encoder(name)(value))))).toEqual(value);
        }),
        { numRuns: 4 },
      );
    }
  });

  test('every input is checked and redacted without a fault, whatever it holds', () => {
    for (const operation of Object.values(service.model.operations)) {
      const { input } = operation;
      if (input === undefined) continue;
      const check = service.check(input);
      fc.assert(
        fc.property(valueOf(service, input, 4), (value) => {
          try {
            check(value as object);
          } catch (error) {
            expect((error as Error).name).toBe('ValidationException');
          }
          service.redactor(input)(value);
        }),
        { numRuns: 4 },
      );
    }
  });

  test('its patterns are regular expressions here, and take no time over what nearly matches', () => {
    const hostile = [
      'a',
      '0',
      'a-',
      '-',
      ' ',
      'a.',
      '/a',
      ':',
      'aA0_',
      'arn:aws:ssm:',
      'arn:aws:ssm-contacts:us-east-1:123456789012:',
    ];
    for (const { pattern, max = 20_000 } of Object.values(service.model.shapes)) {
      if (pattern === undefined) continue;
      const expression = javaPattern(pattern);
      const start = performance.now();
      for (const part of hostile) {
        const text = part.repeat(Math.ceil(Math.min(2 * max, 20_000) / part.length));
        expression.test(`${text}\u0000`);
        expression.test(`arn:aws:ssm-contacts:us-east-1:123456789012:${text}\u0000`);
      }
      // One that backtracks exponentially would take for ever; what takes a minute has that fault.
      expect(performance.now() - start, pattern).toBeLessThan(60_000);
    }
  });
});

test('every REST path of a service leads to its own operation', () => {
  for (const service of loaded.filter(({ protocol }) => protocol === 'rest-json'))
    for (const [name, { http }] of Object.entries(service.model.operations)) {
      const path = http.requestUri.replace(/\{[^}]+\}/g, 'arn%3Aaws%3Aa%2Fb');
      const match = service.route(http.method, path);
      expect(match?.operation, `${http.method} ${path}`).toBe(name);
      for (const label of Object.values(match?.labels ?? {})) expect(label).toBe('arn:aws:a/b');
    }
});
