import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFrame, encodeFrame, MalformedFrame } from '../../../core/agent-protocol/frame.ts';

/** Seen on the wire between the real agent and plugin. */
const seen =
  '000000746f75747075745f73747265616d5f64617461202020202020202020202020202000000001000001a2068424e000000000000000000000000000000001' +
  '8d7192be2de140c973742feaeea640e5e5b111ba26d5bb1cc89d8a3d74fad4cf1ebd5701c29877969c322b456d0784a300000001000000022420';
const frame = {
  messageType: 'output_stream_data',
  messageId: '73742fea-eea6-40e5-8d71-92be2de140c9',
  createdDate: 0x1a2068424e0,
  sequenceNumber: 0,
  flags: 1,
  payloadType: 1,
  payload: Buffer.from('$ '),
};

test('a frame of the real agent is read', () => expect(decodeFrame(Buffer.from(seen, 'hex'))).toEqual(frame));
test('and written byte for byte', () => expect(encodeFrame(frame).toString('hex')).toBe(seen));

test('what is written is read again', () => {
  fc.assert(
    fc.property(
      fc.record({
        messageType: fc.stringMatching(/^[a-z_]{1,32}$/),
        messageId: fc.uuid(),
        createdDate: fc.integer({ min: 1, max: 2 ** 45 }),
        sequenceNumber: fc.integer(),
        flags: fc.nat(3),
        payloadType: fc.nat(12),
        payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      }),
      (any) => {
        expect(decodeFrame(encodeFrame(any))).toEqual(any);
      },
    ),
  );
});

test('garbage is refused, never anything worse', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      try {
        decodeFrame(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedFrame);
      }
    }),
  );
});
