/** Who makes a request, known once its signature is verified (design §6). */
export type Role = 'admin' | 'operator' | 'viewer';

export type Caller =
  | {
      readonly kind: 'person';
      readonly name: string;
      readonly role: Role;
      readonly accessKeyId: string;
      readonly arn: string;
    }
  | {
      readonly kind: 'node';
      readonly nodeId: string;
      readonly accessKeyId: string;
      readonly arn: string;
      /** The node's agent runs on Flotilla's own machine, as root or as Flotilla's own user (core/admin-work.ts). */
      readonly onServiceMachine?: true | undefined;
    }
  /** The service itself: a timer, an event handler, `npm start`. */
  | { readonly kind: 'service'; readonly arn: string }
  /** RegisterManagedInstance and the node-key operations, before the room has checked them. */
  | { readonly kind: 'anonymous'; readonly arn: string };
