/** Names of documents, and the ARNs that stand for them. Pure. */
import { documentArn } from '../../../core/arns.ts';
import { ValidationException } from '../../../core/errors.ts';

interface Place {
  readonly account: string;
  readonly region: string;
}

/** The owner that AWS's own documents have. */
export const amazon = 'Amazon';

const reserved = /^(aws|amazon|amzn)/i;

/**
 * A name that a caller may give a new document.
 * @throws ValidationException for one that begins as AWS's do (AWSEC2, AWSConfigRemediation and AWSSupport are among
 * them)
 */
export function checkNewName(name: string): void {
  const prefix = reserved.exec(name)?.[0];
  if (prefix !== undefined)
    throw new ValidationException(`The document name ${name} begins with ${prefix}, which is reserved.`);
}

/**
 * The name a reader means: a bare name, or the ARN of a document of this account or of AWS's. `undefined`
 * for an ARN of somewhere else: there is no such document here.
 */
export function nameOf(nameOrArn: string, place: Place): string | undefined {
  if (!nameOrArn.startsWith('arn:')) return nameOrArn;
  const slash = nameOrArn.lastIndexOf('/');
  const name = nameOrArn.slice(slash + 1);
  const ours = [place.account, amazon].some((owner) => documentArn(place, name, owner) === nameOrArn);
  return ours ? name : undefined;
}
