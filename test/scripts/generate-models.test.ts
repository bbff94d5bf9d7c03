import { describe, expect, test } from 'vitest';
import { compactModel } from '../../scripts/generate-models.ts';

const source = {
  apiVersion: '2014-11-06',
  jsonVersion: '1.1',
  protocol: ['json'],
  service: 'ssm',
  signingName: 'ssm',
  targetPrefix: 'AmazonSSM',
  paginators: { ListThings: {} },
  operations: {
    ListThings: {
      http: { method: 'POST', requestUri: '/' },
      input: 'ListThingsRequest',
      errors: ['Gone'],
      idempotent: true,
    },
    AddThing: { http: { method: 'POST', requestUri: '/' }, output: 'Thing' },
  },
  shapes: {
    Unused: { type: 'string' },
    Thing: {
      type: 'structure',
      members: { Name: { shape: 'Name', box: true, deprecated: true, locationName: 'name', location: 'header' } },
      documentation: 'about it',
    },
    Name: { type: 'string', pattern: 'a+', max: 3, min: 0, sensitive: true },
    ListThingsRequest: { type: 'structure', required: ['Things'], members: { Things: { shape: 'Things' } } },
    Things: { type: 'list', member: { shape: 'Thing' } },
    Gone: { type: 'structure', exception: true, error: { httpStatusCode: 404, senderFault: true }, members: {} },
  },
};

describe('a compact model', () => {
  test('holds what decoding, checking and encoding need, in an order of its own', () => {
    expect(compactModel(source))
      .toBe(`{"service":"ssm","protocol":"json","signingName":"ssm","apiVersion":"2014-11-06","jsonVersion":"1.1","targetPrefix":"AmazonSSM",
"operations":{
"AddThing":{"http":{"method":"POST","requestUri":"/"},"output":"Thing"},
"ListThings":{"http":{"method":"POST","requestUri":"/"},"input":"ListThingsRequest","errors":["Gone"]}
},
"shapes":{
"Gone":{"type":"structure","members":{},"error":{"httpStatusCode":404}},
"ListThingsRequest":{"type":"structure","required":["Things"],"members":{"Things":{"shape":"Things"}}},
"Name":{"type":"string","min":0,"max":3,"pattern":"a+","sensitive":true},
"Thing":{"type":"structure","members":{"Name":{"shape":"Name","location":"header","locationName":"name"}}},
"Things":{"type":"list","member":{"shape":"Thing"}}
}}
`);
  });

  test('does not depend on the order of the source', () => {
    const turned = {
      ...source,
      shapes: Object.fromEntries(Object.entries(source.shapes).reverse()),
      operations: Object.fromEntries(Object.entries(source.operations).reverse()),
    };
    expect(compactModel(turned)).toBe(compactModel(source));
  });

  test('refuses a model with a shape that is not there', () => {
    expect(() => compactModel({ ...source, shapes: {} })).toThrow('no shape ListThingsRequest');
  });
});
