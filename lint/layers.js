/**
 * The layers of the code (docs/decisions/0002). A room imports only rooms of a lower layer; upward goes by
 * event. Doors and the registry stand above all rooms. This list is what the lint rule reads and what the
 * test draws.
 */
export const layers = [
  ['functions/tags', 'functions/alarms', 'functions/service-settings'],
  [
    'functions/nodes',
    'functions/change-management/documents',
    'functions/application-tools/parameter-store',
    'functions/notifications',
  ],
  ['functions/node-tools/inventory', 'functions/change-management/change-calendar', 'functions/fan-out'],
  [
    'functions/node-tools/compliance',
    'functions/node-tools/run-command',
    'functions/operations-tools/opscenter',
    'functions/node-tools/hybrid-activations',
    'functions/node-tools/fleet-manager',
  ],
  [
    'functions/change-management/automation',
    'functions/node-tools/patch-manager',
    'functions/node-tools/session-manager',
    'functions/node-tools/distributor',
    'functions/application-tools/appconfig',
  ],
  ['functions/node-tools/state-manager', 'functions/operations-tools/incident-manager'],
  [
    'functions/change-management/maintenance-windows',
    'functions/change-management/change-manager',
    'functions/change-management/quick-setup',
    'functions/operations-tools/explorer',
    'functions/application-tools/application-manager',
    'functions/operations-tools/cloudwatch-dashboards',
    'functions/containers',
  ],
];

/** What stands above the rooms and may import any of them. */
export const doors = [
  'functions/registry.ts',
  'functions/api',
  'functions/files-door',
  'functions/gateway',
  'functions/clock',
];

/** Folders that only a composition may import: where a context is put together. */
export const compositionOnly = ['aws', 'local'];

/** Who composes. */
export const compositions = ['aws', 'local', 'test', 'scripts', 'stacks', 'sst.config.ts'];

/** What each foundation may import besides itself. */
export const foundations = {
  core: ['core'],
  events: ['core'],
  agent: ['core'],
  cli: ['core'],
  simulate: ['core', 'agent', 'cli'],
};
