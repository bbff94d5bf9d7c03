/** DynamoDB's limit of nesting, which dynalite does not know. Pure. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invalid } from './dynalite.ts';

const mostLevels = 32;

/** @throws Refusal for an attribute value anywhere in a request that lies deeper than DynamoDB takes it */
export function checkNesting(values: Readonly<Record<string, unknown>> | undefined): void {
  for (const value of Object.values(values ?? {}))
    if (levels(value as AttributeValue) > mostLevels)
      throw invalid('Nesting Levels have exceeded supported limits: Attributes with nesting level > 32');
}

function levels({ L: list, M: map }: AttributeValue): number {
  const members = list ?? (map && Object.values(map));
  return members === undefined ? 0 : 1 + Math.max(0, ...members.map(levels));
}
