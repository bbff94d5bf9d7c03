/** What the front door serves: the registry's tables, and what is the door's own. */
import * as registry from '../registry.ts';
import type { ApiTables } from './api.ts';
import { GetCallerIdentity } from './caller-identity.ts';
import { eventExtensions } from './events.ts';
import { keyExtensions } from './keys.ts';

export const tables: ApiTables = {
  operations: {
    ssm: { ...registry.ssm, ...registry.agent },
    'ssm-contacts': registry.contacts,
    'ssm-incidents': registry.incidents,
    appconfig: registry.appConfig,
    appconfigdata: registry.appConfigData,
    'ssm-quicksetup': registry.quickSetup,
    'resource-groups': registry.resourceGroups,
    sts: { GetCallerIdentity },
  },
  extensions: { ...eventExtensions, ...keyExtensions, ...registry.extensions },
};
