/** Makers of identifiers. Tests inject makers whose ids they know in advance. */
import { randomBytes, randomUUID } from 'node:crypto';

export interface Ids {
  /** Lower-case UUID, version 4: commands, activations, associations, events, requests. */
  uuid(): string;
  /** `mi-` and 17 lower-case hexadecimal digits: a managed node (AWS's form). */
  managedNode(): string;
  /** `bytes` random bytes in base64url: codes, tokens, secrets. */
  secret(bytes: number): string;
}

export const randomIds: Ids = {
  uuid: () => randomUUID(),
  managedNode: () => `mi-${randomBytes(9).toString('hex').slice(0, 17)}`,
  secret: (bytes) => randomBytes(bytes).toString('base64url'),
};
