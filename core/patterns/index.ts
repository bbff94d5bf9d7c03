/**
 * The one place that judges the patterns of users: regular expressions in bounded time, wildcards in linear time
 * (docs/decisions/0018).
 */
export { FairQueue } from './fair-queue.ts';
export { judge, patternFault, type Judgement, type Question } from './judge.ts';
export { matchesWildcard, readWildcard, type Wildcard } from './wildcard.ts';
