/** The filters of ListCommands and ListCommandInvocations (run-command.md §4.7). Pure. */
import type { CommandFilter } from '@aws-sdk/client-ssm';
import { InvalidFilterKey, ValidationException } from '../../../core/errors.ts';
import { commandStatus, invocationStatus, isCommandTerminal } from './states.ts';
import type { CommandBody, InvocationBody } from './store.ts';

/** @throws InvalidFilterKey, ValidationException for a time that is none */
export function checkFilters(filters: readonly CommandFilter[], allowed: readonly string[]): void {
  for (const { key, value } of filters) {
    if (!allowed.includes(key ?? '')) throw new InvalidFilterKey(`The filter key ${key} is not supported here.`);
    if ((key === 'InvokedAfter' || key === 'InvokedBefore') && Number.isNaN(Date.parse(value ?? '')))
      throw new ValidationException(`${key} must be an ISO 8601 time, such as 2026-01-05T09:00:00Z.`);
    if (key === 'ExecutionStage' && value !== 'Executing' && value !== 'Complete')
      throw new ValidationException('ExecutionStage must be Executing or Complete.');
  }
}

export function commandMatches(command: CommandBody, filters: readonly CommandFilter[]): boolean {
  return filters.every(({ key, value }) => {
    switch (key) {
      case 'Status':
        return (
          commandStatus(command.state) === value ||
          command.state === value ||
          (value === 'LimitExceeded' && command.state === 'RateExceeded')
        );
      case 'ExecutionStage':
        return isCommandTerminal(command.state) === (value === 'Complete');
      default:
        return matchesCommon(command, key, value);
    }
  });
}

export function invocationMatches(invocation: InvocationBody, filters: readonly CommandFilter[]): boolean {
  return filters.every(({ key, value }) =>
    key === 'Status'
      ? invocationStatus(invocation.state) === value || invocation.state === value
      : matchesCommon(invocation, key, value),
  );
}

function matchesCommon(
  row: { readonly requestedAt: number; readonly documentName: string },
  key: string | undefined,
  value: string | undefined,
): boolean {
  switch (key) {
    case 'InvokedAfter':
      return row.requestedAt > Date.parse(value ?? '');
    case 'InvokedBefore':
      return row.requestedAt < Date.parse(value ?? '');
    case 'DocumentName':
      return row.documentName === value;
    default:
      return false;
  }
}
