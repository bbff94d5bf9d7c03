/** What other rooms may call. */
export { executionTimeoutOf } from './execution-timeout.ts';
export { checkParameters, typedParameters, type NamedParameter, type ParameterValues } from './parameters.ts';
export { currentPin, pinnedDocument, resolveDocument, type ResolvedDocument } from './resolve-document.ts';
