/**
 * Computes the CRC of two pieces from the CRC of each and the length of the second. A multipart upload thus gets the
 * CRC of the whole object without reading it again.
 *
 * A CRC is a remainder of polynomials over GF(2): with |B| bits after A, crc(A B) = crc(A) · x^|B| + crc(B). The
 * inversions at the beginning and end cancel out. All three CRCs are reflected: the highest bit is the lowest power.
 */
import type { ChecksumAlgorithm } from './checksums.ts';

interface Polynomial {
  /** Reflected, without its highest power. */
  readonly polynomial: bigint;
  readonly bits: bigint;
}

const polynomials: Readonly<Partial<Record<ChecksumAlgorithm, Polynomial>>> = {
  CRC32: { polynomial: 0xedb88320n, bits: 32n },
  CRC32C: { polynomial: 0x82f63b78n, bits: 32n },
  CRC64NVME: { polynomial: 0x9a6c9329ac4bc9b5n, bits: 64n },
};

export interface SummedStretch {
  /** Base64. */
  readonly checksum: string;
  /** Bytes. */
  readonly size: number;
}

/** @returns undefined for algorithms that are no CRC */
export function combinedCrc(algorithm: ChecksumAlgorithm, stretches: readonly SummedStretch[]): string | undefined {
  const field = polynomials[algorithm];
  if (field === undefined) return undefined;
  // All parts but the last have one size.
  const shifts = new Map<number, bigint>();
  let whole = 0n;
  for (const { checksum, size } of stretches) {
    let shift = shifts.get(size);
    if (shift === undefined) shifts.set(size, (shift = power(BigInt(size) * 8n, field)));
    whole = product(whole, shift, field) ^ BigInt(`0x${Buffer.from(checksum, 'base64').toString('hex')}`);
  }
  return Buffer.from(whole.toString(16).padStart(Number(field.bits) / 4, '0'), 'hex').toString('base64');
}

/** x to the power of `exponent`, by repeated squaring. */
function power(exponent: bigint, field: Polynomial): bigint {
  let result = 1n << (field.bits - 1n);
  let square = result >> 1n;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = product(result, square, field);
    square = product(square, square, field);
  }
  return result;
}

/** The product of two remainders. */
function product(one: bigint, other: bigint, { polynomial, bits }: Polynomial): bigint {
  let sum = 0n;
  let shifted = one;
  for (let bit = 1n << (bits - 1n); bit > 0n; bit >>= 1n) {
    if (other & bit) sum ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return sum;
}
