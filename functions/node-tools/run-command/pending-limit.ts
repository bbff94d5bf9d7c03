/** The operator's limit of targets that wait at once (AWS's quota of pending invocations). Pure. */

/** What a command is that has more targets than the limit: stopped before anything runs. */
export function tooMany(
  targets: number,
  { settings }: { readonly settings: { readonly pendingInvocations?: number | undefined } },
): { readonly stopped: boolean; readonly rateExceeded?: true } {
  return targets > (settings.pendingInvocations ?? Infinity)
    ? { stopped: true, rateExceeded: true }
    : { stopped: false };
}
