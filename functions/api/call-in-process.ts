/** Calls operations in process for other rooms: all steps of a call except the HTTP protocol. */
import type { CallApi } from '../../core/calls.ts';
import type { HttpRequest } from '../../core/http.ts';
import type { ApiTables } from './api.ts';
import { loadService } from './loaded-service.ts';
import { performOperation, type Run } from './perform-operation.ts';

/** For calls by a service, CloudTrail's record has its name instead of an address and a program. */
const fromService = 'ssm.amazonaws.com';

/** @param operations the registered operations */
export function createCallApi({ operations }: Pick<ApiTables, 'operations'>): CallApi {
  return async ({ service, operation: name, input, as }, context) => {
    const loaded = await loadService(service);
    const operation = loaded.operation(name);
    const run = operations[service]?.[name] as Run | undefined;
    if (operation === undefined || run === undefined) throw new Error(`${service}:${name} is not registered`);
    const place = { protocol: loaded.protocol, service: loaded, operation };
    const by = { caller: as, requestId: context.ids.uuid(), request: internalRequest };
    return performOperation(operation, run, () => ({ ...input }), place, context, by);
  };
}

const internalRequest: HttpRequest = {
  method: 'POST',
  path: '/',
  query: '',
  headers: { 'user-agent': fromService },
  body: new Uint8Array(),
  sourceIp: fromService,
};
