/** What AWS's Parameters and Secrets Lambda extension is asked and set, and what it tells. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extensionAnswer, queryOf } from '../../../cli/params/extension-request.ts';
import { extensionSettings } from '../../../cli/params/extension-settings.ts';
import { AnswerCache } from '../../../cli/params/parameter-cache.ts';

describe('a request', () => {
  test.each([
    ['/systemsmanager/parameters/get?name=%2Fa%2Fb', { Name: '/a/b', WithDecryption: false }],
    ['/systemsmanager/parameters/get/?name=/a/b&withDecryption=true', { Name: '/a/b', WithDecryption: true }],
    ['/systemsmanager/parameters/get?name=a&version=5&withDecryption=false', { Name: 'a:5', WithDecryption: false }],
    [
      '/systemsmanager/parameters/get?label=release&name=a&withDecryption=TRUE',
      { Name: 'a:release', WithDecryption: true },
    ],
    // Of both, the one that stands first.
    ['/systemsmanager/parameters/get?name=a&label=release&version=5', { Name: 'a:release', WithDecryption: false }],
    ['/systemsmanager/parameters/get?name=a&version=5&label=release', { Name: 'a:5', WithDecryption: false }],
    ['/systemsmanager/parameters/get?name=a&version=&label=', { Name: 'a', WithDecryption: false }],
    [
      '/systemsmanager/parameters/get?name=arn:aws:ssm:us-east-1:123456789012:parameter/MyParameter',
      { Name: 'arn:aws:ssm:us-east-1:123456789012:parameter/MyParameter', WithDecryption: false },
    ],
    ['/systemsmanager/parameters/get', 'unnamed'],
    ['/systemsmanager/parameters/get?name=', 'unnamed'],
    ['/secretsmanager/get?secretId=x', 'elsewhere'],
    ['/systemsmanager/parameters/get/x?name=a', 'elsewhere'],
    ['/', 'elsewhere'],
  ])('%s', (url, query) => expect(queryOf(url)).toEqual(query));
});

describe('an answer', () => {
  test('has every member, and its time as a text', () => {
    const parameter = {
      ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/a',
      DataType: 'text',
      LastModifiedDate: 1668586960.362,
      Name: '/a',
      Type: 'String',
      Value: 'x',
      Version: 1,
    };
    expect(extensionAnswer(parameter)).toBe(
      '{"Parameter":{"ARN":"arn:aws:ssm:us-east-1:123456789012:parameter/a","DataType":"text","LastModifiedDate":"2022-11-16T08:22:40.362Z","Name":"/a","Selector":null,"SourceResult":null,"Type":"String","Value":"x","Version":1},"ResultMetadata":{}}',
    );
    expect(JSON.parse(extensionAnswer({ ...parameter, Selector: ':1' }))).toMatchObject({
      Parameter: { Selector: ':1' },
    });
  });

  test('tells every value and time as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 4_000_000_000_000 }), (Value, ms) => {
        const { Parameter } = JSON.parse(extensionAnswer({ Value, LastModifiedDate: ms / 1000 })) as {
          Parameter: { Value: string; LastModifiedDate: string };
        };
        expect([Parameter.Value, Date.parse(Parameter.LastModifiedDate)]).toEqual([Value, ms]);
        expect(Parameter.LastModifiedDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,2}[1-9])?Z$/);
      }),
    );
  });
});

describe('the settings', () => {
  const unset = { port: 2773, cacheSize: 1000, ttlMs: 300_000, timeoutMs: 0, maxConnections: 3, logLevel: 'INFO' };

  test('are AWS’s where nobody says them', () => {
    expect(extensionSettings({})).toEqual({ settings: unset, warnings: [] });
  });

  test('are what the environment says', () => {
    const environment = {
      PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: '8080',
      PARAMETERS_SECRETS_EXTENSION_CACHE_SIZE: '5',
      PARAMETERS_SECRETS_EXTENSION_MAX_CONNECTIONS: '1',
      PARAMETERS_SECRETS_EXTENSION_LOG_LEVEL: 'debug',
      SSM_PARAMETER_STORE_TTL: '0',
      SSM_PARAMETER_STORE_TIMEOUT_MILLIS: '250',
    };
    expect(extensionSettings(environment)).toEqual({
      settings: { port: 8080, cacheSize: 5, ttlMs: 0, timeoutMs: 250, maxConnections: 1, logLevel: 'DEBUG' },
      warnings: [],
    });
    expect(
      extensionSettings({
        PARAMETERS_SECRETS_EXTENSION_CACHE_ENABLED: 'false',
        PARAMETERS_SECRETS_EXTENSION_CACHE_SIZE: '5',
      }).settings.cacheSize,
    ).toBe(0);
  });

  test('are warned of where they are none', () => {
    const { settings, warnings } = extensionSettings({
      SSM_PARAMETER_STORE_TTL: '3600',
      PARAMETERS_SECRETS_EXTENSION_CACHE_SIZE: 'many',
      PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: '0',
      PARAMETERS_SECRETS_EXTENSION_LOG_LEVEL: 'LOUD',
    });
    expect(settings).toEqual(unset);
    expect(warnings).toHaveLength(4);
    expect(warnings.find((warning) => warning.includes('TTL'))).toBe(
      'SSM_PARAMETER_STORE_TTL is 3600, which is not from 0 to 300: 300 is taken',
    );
  });
});

describe('the cache', () => {
  const counted = (): { readonly load: () => Promise<string>; calls: number } => {
    const counter = { calls: 0, load: async () => `answer ${++counter.calls}` };
    return counter;
  };

  test('answers again until its time is over', async () => {
    let now = 0;
    const cache = new AnswerCache({ size: 10, ttlMs: 1000 }, () => now);
    const asked = counted();
    expect(await cache.get('a', asked.load)).toBe('answer 1');
    now = 999;
    expect(await cache.get('a', asked.load)).toBe('answer 1');
    now = 1000;
    expect(await cache.get('a', asked.load)).toBe('answer 2');
  });

  test('asks once for all who ask at the time, and counts from the question', async () => {
    let now = 0;
    const cache = new AnswerCache({ size: 10, ttlMs: 1000 }, () => now);
    const loading = Promise.withResolvers<string>();
    let calls = 0;
    const load = (): Promise<string> => {
      calls++;
      return loading.promise;
    };
    const all = Promise.all(Array.from({ length: 50 }, () => cache.get('a', load)));
    now = 900;
    loading.resolve('x');
    expect(new Set(await all)).toEqual(new Set(['x']));
    expect(calls).toBe(1);
    now = 1000;
    expect(await cache.get('a', async () => 'y')).toBe('y');
  });

  test('keeps no failure: who asked at the time is told of it, who asks next asks again', async () => {
    const cache = new AnswerCache({ size: 10, ttlMs: 1000 }, () => 0);
    const failing = async (): Promise<string> => {
      throw new Error('away');
    };
    const both = await Promise.allSettled([cache.get('a', failing), cache.get('a', failing)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await cache.get('a', async () => 'back')).toBe('back');
  });

  test('keeps so many and no more, the used ones rather than the others', async () => {
    const cache = new AnswerCache({ size: 2, ttlMs: 1000 }, () => 0);
    const asked = counted();
    for (const key of ['a', 'b', 'a', 'c', 'a']) await cache.get(key, asked.load);
    expect(asked.calls).toBe(3);
    await cache.get('b', asked.load);
    expect(asked.calls).toBe(4);
  });

  test.each([
    { size: 0, ttlMs: 1000 },
    { size: 10, ttlMs: 0 },
  ])('is not there with %j', async (limits) => {
    const cache = new AnswerCache(limits, () => 0);
    const asked = counted();
    expect(await Promise.all([cache.get('a', asked.load), cache.get('a', asked.load)])).toEqual([
      'answer 1',
      'answer 2',
    ]);
  });
});
