/** Names of documents, and their ARNs. Pure. */
import { documentArn, type AwsLocation } from '../../../core/arns.ts';
import { ValidationException } from '../../../core/errors.ts';

/** The owner of AWS's own documents. */
export const amazon = 'Amazon';

const reserved = /^(aws|amazon|amzn)/i;

/**
 * Checks the name of a new document.
 * @throws ValidationException for one that begins as AWS's names do (AWSEC2, AWSConfigRemediation and AWSSupport are
 * among them)
 */
export function checkNewName(name: string): void {
  const prefix = reserved.exec(name)?.[0];
  if (prefix !== undefined)
    throw new ValidationException(`The document name ${name} begins with ${prefix}, which is reserved.`);
}

/**
 * The name in a bare name, or in the ARN of a document of this account or AWS's. `undefined` for an ARN of another
 * account or Region: there is no such document here.
 */
export function nameOf(nameOrArn: string, location: AwsLocation): string | undefined {
  if (!nameOrArn.startsWith('arn:')) return nameOrArn;
  const slash = nameOrArn.lastIndexOf('/');
  const name = nameOrArn.slice(slash + 1);
  const ours = [location.account, amazon].some((owner) => documentArn(location, name, owner) === nameOrArn);
  return ours ? name : undefined;
}
