/** Who makes a request, once its signature has been verified (design §6). */
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
      /** Its agent runs on Flotilla's own machine, as root or as Flotilla's own user (core/admin-work.ts). */
      readonly onServiceMachine?: true | undefined;
    }
  /** The service itself: a timer, an event handler, `npm start`. */
  | { readonly kind: 'service'; readonly arn: string }
  /** RegisterManagedInstance, and the node-key operations before their own check. */
  | { readonly kind: 'anonymous'; readonly arn: string };
