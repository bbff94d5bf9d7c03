/** What an answer that is an error means, whoever asked. */
import { expect, test } from 'vitest';
import { readJsonAnswer, serviceError } from '../../core/http-client.ts';

test.each([
  ['in the body', {}, '{"__type":"InvalidActivation","message":"gone"}', 'InvalidActivation', 'gone'],
  ['with a namespace', {}, '{"__type":"com.amazon#NoSuch","Message":"gone"}', 'NoSuch', 'gone'],
  ['in a header, with a URL behind it', { 'x-amzn-errortype': 'Denied:http://x/' }, '{}', 'Denied', ''],
  ['nowhere', {}, '"text"', 'HTTP 502', '"text"'],
  ['nowhere, on a page for people', {}, '<html>Bad gateway</html>', 'HTTP 502', ''],
] as const)('its code is %s', (_name, headers, text, code, message) => {
  const error = serviceError(502, headers, text);
  expect(error).toMatchObject({ code, status: 502, message: message === '' ? code : `${code}: ${message}` });
});

test('an answer that is no JSON is an error, and an empty one is empty', () => {
  const answer = (text: string) => ({ status: 200, headers: {}, body: Buffer.from(text) });
  expect(readJsonAnswer(answer(''))).toEqual({});
  expect(readJsonAnswer(answer('{"A":1}'))).toEqual({ A: 1 });
  expect(() => readJsonAnswer(answer('<html>'))).toThrow(/^200: <html>$/);
});
