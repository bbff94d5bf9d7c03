/** S3's errors: a code, a status, a message. Thrown where the rule is, written as XML in one place. */
export class S3Error extends Error {
  readonly code: string;
  readonly status: number;
  /** Further elements of the answer. */
  readonly details: Readonly<Record<string, string>>;

  constructor(code: string, status: number, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }

  override get name(): string {
    return this.code;
  }
}

export const noSuchBucket = (): S3Error => new S3Error('NoSuchBucket', 404, 'The specified bucket does not exist');
export const noSuchKey = (): S3Error => new S3Error('NoSuchKey', 404, 'The specified key does not exist.');
export const noSuchVersion = (): S3Error => new S3Error('NoSuchVersion', 404, 'The specified version does not exist.');
export const noSuchUpload = (): S3Error =>
  new S3Error(
    'NoSuchUpload',
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  );
export const accessDenied = (message = 'Access Denied'): S3Error => new S3Error('AccessDenied', 403, message);
export const badDigest = (what: string): S3Error =>
  new S3Error('BadDigest', 400, `The ${what} you specified did not match the calculated checksum.`);
export const invalidRequest = (message: string): S3Error => new S3Error('InvalidRequest', 400, message);
export const invalidArgument = (message: string): S3Error => new S3Error('InvalidArgument', 400, message);
export const invalidUri = (): S3Error => new S3Error('InvalidURI', 400, "Couldn't parse the specified URI.");
export const malformedXml = (): S3Error =>
  new S3Error(
    'MalformedXML',
    400,
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
export const preconditionFailed = (): S3Error =>
  new S3Error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold');
export const notImplemented = (what: string): S3Error =>
  new S3Error('NotImplemented', 501, `${what} is not available here.`);
export const methodNotAllowed = (): S3Error =>
  new S3Error('MethodNotAllowed', 405, 'The specified method is not allowed against this resource.');
export const incompleteBody = (): S3Error =>
  new S3Error(
    'IncompleteBody',
    400,
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );
export const serviceUnavailable = (): S3Error =>
  new S3Error('ServiceUnavailable', 503, 'The store cannot be written now. Please try again.');
