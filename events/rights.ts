/**
 * What each function may do, as data: stacks/ makes policies of it, and tests check it (test/support/guarded.ts). A
 * function that uses more fails its tests; then add what it needs, and no more.
 */
import { joinRights, type Rights } from '../core/rights.ts';
import { routes } from './routes.ts';

/** The rows of a room, as its store.ts keys them. */
const rows = {
  runCommand: ['COMMAND#*', 'COMMANDS#*', 'INVOCATION#*', 'STEP#*', 'NEWS#*', 'NODE-COMMANDS#*', 'ALARM-COMMANDS#*'],
  stateManager: [
    'ASSOCIATION#*',
    'ASSOCIATIONS',
    'ASSOCIATIONS-FOR#*',
    'INVENTORY-ASSOCIATIONS',
    'ASSOCIATION-EXECUTIONS#*',
    'ASSOCIATION-DELTAS#*',
    'NODE-ASSOCIATIONS#*',
    'LEGACY-ASSOCIATION#*',
  ],
  /** Nodes, what their lists are made of, and what waits for them. */
  nodes: ['FLEET#*', 'NODES#*', 'NODES-BY#*', 'NODE-KINDS#*', 'MAIL#*'],
  documents: ['DOCUMENT#*', 'DOCUMENTS', 'DOCUMENT-SHARES#*', 'DOCUMENT-VERSIONS#*'],
  /** Secrets are among them, encrypted for the purpose `parameter`. */
  parameters: ['PARAMETER#*', 'PARAMETERS#*', 'PARAMETERS-IN#*', 'PARAMETER-GRANTS', 'PUBLIC-PARAMETERS'],
  tags: ['TAGS#*', 'TAG#*', 'TAGKEY#*', 'RESOURCE-GROUPS'],
  inventory: ['INVENTORY#*', 'INVENTORY-TYPES'],
  patches: ['PATCHES#*'],
  activations: ['ACTIVATION#*', 'ACTIVATIONS'],
  accessKeys: ['ACCESS-KEY#*', 'ACCESS-KEYS#*'],
  deadLetters: ['DEAD-LETTERS', 'DEAD-LETTER-TEXT#*'],
} as const;

/** Finding the nodes that targets name. */
const findingNodes: Rights = { reads: [...rows.nodes, ...rows.tags] };

/** The row of a node's connection names its gateway. */
const wakingNodes: Rights = { wakesNodes: true, reads: ['FLEET#*'] };

/** Taking a command on: counting what has ended, starting and ending invocations, stopping for an alarm. */
const progressOfCommands: Rights = joinRights(wakingNodes, {
  reads: ['COMMAND#*', 'INVOCATION#*', 'NEWS#*', 'FAN-OUT-LEASE#*', 'TIMER#*', 'ALARM#*'],
  writes: ['COMMAND#*', 'INVOCATION#*', 'NEWS#*', 'FAN-OUT-LEASE#*', 'ALARM-COMMANDS#*', 'MAIL#*', 'TIMER#*'],
  asksAlarms: true,
});

/** Starting associations on nodes, counting what they report, and taking associations off nodes. */
const associationsOfNodes: Rights = joinRights(findingNodes, wakingNodes, {
  reads: [...rows.stateManager, 'DOCUMENT#*', 'DOCUMENT-VERSIONS#*', 'FAN-OUT-LEASE#*', 'GATEWAY#*', 'TIMER#*'],
  writes: [...rows.stateManager, 'FAN-OUT-LEASE#*', 'FLEET#*', 'MAIL#*', 'TIMER#*'],
});

const api: Rights = joinRights(findingNodes, progressOfCommands, associationsOfNodes, {
  reads: [
    ...rows.runCommand,
    ...rows.documents,
    ...rows.parameters,
    ...rows.inventory,
    ...rows.patches,
    ...rows.activations,
    ...rows.accessKeys,
    // Nodes’ own keys: they sign for new credentials by them.
    'NODE#*',
    'GATEWAY#*',
    'SERVICE-SETTING#*',
    ...rows.deadLetters,
  ],
  writes: [
    ...rows.runCommand,
    ...rows.nodes,
    ...rows.documents,
    ...rows.parameters,
    ...rows.tags,
    ...rows.inventory,
    ...rows.patches,
    ...rows.activations,
    ...rows.accessKeys,
    'NODE#*',
    'NODE-SIGNATURE#*',
    'SERVICE-SETTING#*',
    ...rows.deadLetters,
    'ALARM#*',
    'AUDIT#*',
    'POSTED-EVENT#*',
    'OUTBOX#*',
  ],
  encrypts: ['access-key', 'node-access-key', 'parameter'],
  decrypts: ['access-key', 'node-access-key', 'parameter'],
  signs: true,
  // Whole output, and attachments of documents, by URLs that are good for minutes.
  readsFiles: ['output/*', 'documents/*'],
  issuesNodeCredentials: true,
});

/** Nodes speak to it, and whoever takes it over must not get further: no secrets, and no access keys but nodes' own. */
const gateway: Rights = joinRights(progressOfCommands, {
  reads: [
    'ACCESS-KEY#*',
    'GATEWAY#*',
    'MAIL#*',
    'STEP#*',
    // What a message carries: the document of a command, the associations of a node.
    'DOCUMENT-VERSIONS#*',
    'NODE-ASSOCIATIONS#*',
  ],
  writes: ['CHANNEL-TOKEN#*', 'FLEET#*', 'GATEWAY#*', 'STEP#*', 'OUTBOX#*'],
  decrypts: ['node-access-key'],
  signs: true,
});

const fireTimers: Rights = joinRights(findingNodes, progressOfCommands, associationsOfNodes, {
  reads: ['GATEWAY#*', 'DOCUMENT#*', 'DOCUMENT-VERSIONS#*', 'PARAMETER#*', 'NODE-COMMANDS#*'],
  writes: [
    'FLEET#*',
    'STEP#*',
    // Copies of attachments that are ready, versions of documents that are gone.
    'DOCUMENT#*',
    'DOCUMENT-VERSIONS#*',
    // Parameters that expire take their tags with them.
    'PARAMETER#*',
    'PARAMETERS#*',
    'PARAMETERS-IN#*',
    'TAGS#*',
    'TAG#*',
    ...rows.deadLetters,
    'OUTBOX#*',
  ],
  readsSourceBuckets: true,
  readsFiles: ['documents/*'],
  writesFiles: ['documents/*'],
  deletesFiles: ['documents/*'],
});

const clock: Rights = { publishesEvents: true, sendsTimers: true };

const functions: Readonly<Record<string, Rights>> = {
  api,
  gateway,
  'publish-changes': joinRights(clock, { writes: ['OUTBOX#*', ...rows.deadLetters] }),
  tick: joinRights(clock, { reads: ['TIMER#*', 'OUTBOX#*'], writes: ['OUTBOX#*', ...rows.deadLetters] }),
  'fire-timers': fireTimers,
  'keep-dead-letters': { writes: rows.deadLetters },
  'record-patch-scan': {
    reads: ['COMMAND#*', 'FLEET#*', 'INVENTORY#*', 'INVOCATION#*', 'PATCHES#*', 'STEP#*', 'TAGS#*'],
    writes: ['INVENTORY#*', 'INVENTORY-TYPES', 'PATCHES#*'],
    readsFiles: ['collected/*'],
    writesFiles: ['reports/*'],
  },
  'stop-commands-on-alarm': joinRights(progressOfCommands, { reads: ['ALARM-COMMANDS#*'] }),
  'fail-undeliverable': joinRights(progressOfCommands, { reads: ['NODE-COMMANDS#*'] }),
  'forget-patches': { reads: ['PATCHES#*'], writes: ['PATCHES#*'] },
  'forget-inventory': { reads: ['INVENTORY#*'], writes: ['INVENTORY#*'] },
  'apply-associations': associationsOfNodes,
  'apply-associations-by-tags': associationsOfNodes,
  'apply-associations-by-group': associationsOfNodes,
  'forget-associations': associationsOfNodes,
  'publish-topic-message': { publishesToTopics: true },
};

/** The functions and the service: the routes, and what is there beside them. */
export const functionNames: readonly string[] = [
  ...routes.map(({ name }) => name),
  'api',
  'publish-changes',
  'gateway',
];

/**
 * @param name of a route, or `api`, `publish-changes`, `gateway`
 * @throws Error for a function that has no rights yet
 */
export function rightsOf(name: string): Rights {
  const rights = functions[name];
  if (rights === undefined) throw new Error(`${name} has no rights: give it some in events/rights.ts`);
  return rights;
}
