/** The rules of the door that need no door: checksums, conditions, ranges, hosts, XML, lifecycle. */
import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checksumAlgorithms,
  checksumLength,
  checksumOfParts,
  isBase64Of,
  newChecksum,
} from '../../../functions/files-door/checksums.ts';
import { combinedCrc } from '../../../functions/files-door/combine-crc.ts';
import { isUnchanged, matchesEtag, partRange, rangeOf } from '../../../functions/files-door/conditions.ts';
import { isOver, nextMidnight, readLifecycle } from '../../../functions/files-door/lifecycle-rules.ts';
import { bucketOfHost, locate, queryMap, versionOf } from '../../../functions/files-door/s3-request.ts';
import { childrenOf, readXml, textOf, type XmlElement } from '../../../functions/files-door/xml-reader.ts';
import { document } from '../../../functions/files-door/xml.ts';

describe('checksums', () => {
  // The check values of the CRC catalogue, for the nine digits.
  test.each([
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
    ['SHA1', createHash('sha1').update('123456789').digest('hex')],
    ['SHA256', createHash('sha256').update('123456789').digest('hex')],
  ] as const)('%s', (algorithm, hex) => {
    const checksum = newChecksum(algorithm);
    checksum.update(Buffer.from('123456789'));
    expect(Buffer.from(checksum.digest(), 'base64').toString('hex')).toBe(hex);
  });

  test('in pieces they are those of the whole', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...checksumAlgorithms),
        fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 }),
        (algorithm, pieces) => {
          const [one, other] = [newChecksum(algorithm), newChecksum(algorithm)];
          for (const piece of pieces) one.update(piece);
          other.update(Buffer.concat(pieces));
          expect(one.digest()).toBe(other.digest());
        },
      ),
    );
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)('%s of stretches is that of the whole', (algorithm) => {
    const of = (bytes: Uint8Array): string => {
      const checksum = newChecksum(algorithm);
      checksum.update(Buffer.from(bytes));
      return checksum.digest();
    };
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { minLength: 1, maxLength: 6 }), (stretches) => {
        expect(
          combinedCrc(
            algorithm,
            stretches.map((bytes) => ({ checksum: of(bytes), size: bytes.length })),
          ),
        ).toBe(of(Buffer.concat(stretches)));
      }),
    );
  });
  test('what is no CRC cannot be combined', () => expect(combinedCrc('SHA256', [])).toBeUndefined());

  test('a claimed checksum is so many bytes in base64, and nothing beside', () => {
    for (const algorithm of checksumAlgorithms) {
      const text = randomBytes(checksumLength[algorithm]).toString('base64');
      expect([
        isBase64Of(text, checksumLength[algorithm]),
        isBase64Of(`${text}\n`, checksumLength[algorithm]),
        isBase64Of(text, 1),
        isBase64Of('', checksumLength[algorithm]),
      ]).toEqual([true, false, false, false]);
    }
  });

  test('of parts: of their bytes, with their number', () => {
    const parts = ['a', 'b'].map((text) => createHash('sha256').update(text).digest('base64'));
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
    expect(checksumOfParts('SHA256', parts)).toBe(`${createHash('sha256').update(bytes).digest('base64')}-2`);
  });
});

describe('ranges', () => {
  test.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=3-', { start: 3, end: 9 }],
    ['bytes=3-99', { start: 3, end: 9 }],
    ['bytes=-4', { start: 6, end: 9 }],
    ['bytes=-99', { start: 0, end: 9 }],
    ['bytes=5-2', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes=-', undefined],
    ['lines=0-1', undefined],
    [undefined, undefined],
  ])('%s of ten bytes', (header, expected) => expect(rangeOf(header, 10)).toEqual(expected));

  test.each(['bytes=10-', 'bytes=10-12', 'bytes=-0'])('%s of ten bytes cannot be had', (header) =>
    expect(() => rangeOf(header, 10)).toThrow(expect.objectContaining({ code: 'InvalidRange', status: 416 }) as Error),
  );
  test('of parts, by their numbers', () => {
    expect([partRange(1, [5, 5, 2]), partRange(2, [5, 5, 2]), partRange(3, [5, 5, 2])]).toEqual([
      { start: 0, end: 4 },
      { start: 5, end: 9 },
      { start: 10, end: 11 },
    ]);
    expect(partRange(1, [])).toBeUndefined();
    for (const [number, sizes] of [
      [2, []],
      [2, [1]],
      [4, [5, 5, 2]],
    ] as const)
      expect(() => partRange(number, sizes)).toThrow(
        expect.objectContaining({ code: 'InvalidPartNumber', status: 416 }) as Error,
      );
  });
  test('nothing of nothing', () =>
    expect(() => rangeOf('bytes=0-', 0)).toThrow(expect.objectContaining({ status: 416 }) as Error));
});

describe('conditions', () => {
  const info = { etag: '"e"', lastModified: Date.UTC(2026, 0, 5, 9, 0, 0, 700) };
  const at = 'Mon, 05 Jan 2026 09:00:00 GMT';
  const before = 'Mon, 05 Jan 2026 08:59:59 GMT';
  const failed = expect.objectContaining({ code: 'PreconditionFailed', status: 412 }) as Error;

  test('none', () => expect(isUnchanged({}, info)).toBe(false));
  test('of the same second is not modified since', () =>
    expect([isUnchanged({ ifModifiedSince: at }, info), isUnchanged({ ifModifiedSince: before }, info)]).toEqual([
      true,
      false,
    ]));
  test('If-None-Match counts before If-Modified-Since', () => {
    expect(isUnchanged({ ifNoneMatch: '"other"', ifModifiedSince: at }, info)).toBe(false);
    expect(isUnchanged({ ifNoneMatch: '"other", W/"e"', ifModifiedSince: before }, info)).toBe(true);
    expect(isUnchanged({ ifNoneMatch: 'e' }, info)).toBe(true);
    expect(isUnchanged({ ifNoneMatch: '*' }, info)).toBe(true);
  });
  test('If-Match counts before If-Unmodified-Since', () => {
    expect(isUnchanged({ ifMatch: '"e"', ifUnmodifiedSince: before }, info)).toBe(false);
    expect(() => isUnchanged({ ifMatch: '"other"', ifUnmodifiedSince: at }, info)).toThrow(failed);
    expect(() => isUnchanged({ ifUnmodifiedSince: before }, info)).toThrow(failed);
    expect(isUnchanged({ ifUnmodifiedSince: at }, info)).toBe(false);
  });
  test.each(['"e"', 'e', '*', 'W/"e"', '"x", "e"'])('%s is of "e"', (list) =>
    expect(matchesEtag(list, '"e"')).toBe(true),
  );
  test.each(['"x"', '', '"e', 'E'])('%j is not of "e"', (list) => expect(matchesEtag(list, '"e"')).toBe(false));
  test('what is no date is no condition', () =>
    expect(isUnchanged({ ifModifiedSince: 'soon', ifUnmodifiedSince: 'later' }, info)).toBe(false));
});

describe('where a request goes', () => {
  const hosts = ['localhost', 'flotilla.example'];
  test.each([
    ['localhost:8555', undefined],
    ['bucket.localhost:8555', 'bucket'],
    ['dotted.bucket.flotilla.example', 'dotted.bucket'],
    ['s3.us-east-1.flotilla.example', undefined],
    ['s3.flotilla.example', undefined],
    ['Bucket.s3.us-east-1.flotilla.example', 'bucket'],
    ['127.0.0.1:8555', undefined],
    ['notlocalhost', undefined],
    [undefined, undefined],
  ])('%s is the host of %s', (host, bucket) => expect(bucketOfHost(host, hosts, 'us-east-1')).toBe(bucket));

  test.each([
    ['/', undefined, { bucket: '', key: '' }],
    ['/bucket', undefined, { bucket: 'bucket', key: '' }],
    ['/bucket/', undefined, { bucket: 'bucket', key: '' }],
    ['/bucket//a/%2e%2e/b+c%2Fd', undefined, { bucket: 'bucket', key: '/a/../b+c/d' }],
    ['/a/b', 'bucket', { bucket: 'bucket', key: 'a/b' }],
  ])('%s with the host of %s', (path, hosted, place) => expect(locate(path, hosted)).toEqual(place));

  test.each(['/b/%E0%A4%A', '/b/%', '/b/%ff', '/%ff/key'])('%s is no name', (path) =>
    expect(() => locate(path, undefined)).toThrow(
      expect.objectContaining({ code: 'InvalidURI', status: 400 }) as Error,
    ),
  );

  test.each(['', 'a b', 'a\r\nset-cookie: b', 'é', 'v'.repeat(1025)])('%j is no version', (version) =>
    expect(() => versionOf(new Map([['versionId', version]]))).toThrow(
      expect.objectContaining({ code: 'InvalidArgument' }) as Error,
    ),
  );
  test('a version, or none', () =>
    expect([versionOf(new Map([['versionId', 'null']])), versionOf(new Map())]).toEqual(['null', undefined]));

  test('a key has at most 1,024 bytes', () => {
    expect(locate(`/b/${'é'.repeat(512)}`, undefined).key).toHaveLength(512);
    expect(() => locate(`/b/${'é'.repeat(513)}`, undefined)).toThrow(
      expect.objectContaining({ code: 'KeyTooLongError' }) as Error,
    );
  });

  test('of two parameters of a name the first counts', () =>
    expect([...queryMap('a=1&b&a=2&c=%26')]).toEqual([
      ['a', '1'],
      ['b', ''],
      ['c', '&'],
    ]));
});

describe('XML', () => {
  const malformed = expect.objectContaining({ code: 'MalformedXML', status: 400 }) as Error;

  test('elements, prefixes, references, CDATA, comments', () => {
    const root = readXml(
      '\ufeff<?xml version="1.0"?><!-- x --><s3:Delete xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/" a=\'1\'><s3:Object><s3:Key>a&lt;&#x41;&#66; <![CDATA[<&]]></s3:Key></s3:Object><Quiet/></s3:Delete>',
    );
    expect([
      root.name,
      childrenOf(root, 'Object').map((object) => textOf(object, 'Key')),
      textOf(root, 'Quiet'),
    ]).toEqual(['Delete', ['a<AB <&'], '']);
  });

  test.each([
    '',
    ' ',
    'text',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a>&none;</a>',
    '<a>&amp</a>',
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    '<a b=c/>',
    '<a',
    '<a><!-- </a>',
    '</a>',
    '<a>&#x110000;</a>',
    '<a>&#xd800;</a>',
    '<a>&#57343;</a>',
    '<a>'.repeat(100),
  ])('%j is malformed', (text) => expect(() => readXml(text)).toThrow(malformed));

  test('more elements than any request has', () =>
    expect(() => readXml(`<a>${'<b/>'.repeat(100_001)}</a>`)).toThrow(malformed));

  test('what is written is read', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())), (texts) => {
        expect(
          childrenOf(readXml(document('Root', { Text: texts })), 'Text').map(({ text }: XmlElement) => text),
        ).toEqual(texts);
      }),
    );
  });

  test('anything else is malformed, and quickly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', '<a', '</a>', '<!--', ']]>', '<![CDATA[', '&', 'x', ' ', '="', '/>'), {
          maxLength: 60,
        }),
        (tokens) => {
          try {
            readXml(tokens.join(''));
          } catch (error) {
            expect(error).toEqual(malformed);
          }
        },
      ),
      { numRuns: 500 },
    );
    for (const piece of ['<Object><Key>', '<a ', '<!--', '<![CDATA[', '&', '<a b="c" ', ' '])
      expect(() => readXml(piece.repeat(400_000))).toThrow(malformed);
  });
});

describe('lifecycle', () => {
  const config = (rules: string): string => `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`;
  const day = 86_400_000;

  test('rules', () => {
    const read = readLifecycle(
      config(
        '<Rule><ID>a</ID><Status>Enabled</Status><Filter><Prefix>logs/</Prefix></Filter><Expiration><Days>3</Days></Expiration></Rule>' +
          '<Rule><Status>Disabled</Status><Prefix>old</Prefix><NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays></NoncurrentVersionExpiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>',
      ),
    );
    expect(read).toEqual([
      { id: 'a', enabled: true, prefix: 'logs/', expireDays: 3 },
      { id: 'rule-2', enabled: false, prefix: 'old', noncurrentDays: 2, abortDays: 1 },
    ]);
  });

  test.each([
    ['', 'MalformedXML'],
    ['<Rule><Status>On</Status><Expiration><Days>1</Days></Expiration></Rule>', 'MalformedXML'],
    ['<Rule><Status>Enabled</Status></Rule>', 'InvalidRequest'],
    ['<Rule><Status>Enabled</Status><Expiration><Days>0</Days></Expiration></Rule>', 'InvalidArgument'],
    ['<Rule><Status>Enabled</Status><Expiration><Date>2030-01-01</Date></Expiration></Rule>', 'NotImplemented'],
    ['<Rule><Status>Enabled</Status><Transition><Days>1</Days></Transition></Rule>', 'NotImplemented'],
    [
      '<Rule><Status>Enabled</Status><Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter><Expiration><Days>1</Days></Expiration></Rule>',
      'NotImplemented',
    ],
  ])('%s is %s', (rules, code) =>
    expect(() => readLifecycle(config(rules))).toThrow(expect.objectContaining({ code }) as Error),
  );

  test('a day is over at the midnight after it', () => {
    const stored = Date.UTC(2026, 0, 5, 9);
    expect([isOver(stored, 1, Date.UTC(2026, 0, 6, 23, 59)), isOver(stored, 1, Date.UTC(2026, 0, 7))]).toEqual([
      false,
      true,
    ]);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e12 }),
        (now) => nextMidnight(now) % day === 0 && nextMidnight(now) > now && nextMidnight(now) - now <= day,
      ),
    );
  });
});

test('random bytes have no colliding digests by chance of the tables', () => {
  const bytes = randomBytes(100_000);
  const flipped = Buffer.from(bytes);
  flipped[50_000]! ^= 1;
  for (const algorithm of checksumAlgorithms) {
    const [one, other] = [newChecksum(algorithm), newChecksum(algorithm)];
    one.update(bytes);
    other.update(flipped);
    expect(one.digest()).not.toBe(other.digest());
  }
});
