/**
 * `flotilla params`: exports, imports, compares and promotes trees of parameters, and serves them to functions and
 * containers.
 */
import type { Command } from 'commander';
import { define as defineFiles } from './params/files-command.ts';
import { define as definePromote } from './params/promote-command.ts';
import { define as defineImportFromAws } from './params/import-from-aws-command.ts';
import { define as defineGrants } from './params/grants-command.ts';
import { define as defineImportPublic } from './params/import-public-command.ts';
import { define as defineServe } from './params/serve-command.ts';

export function define(params: Command): void {
  defineFiles(params);
  definePromote(params);
  defineImportFromAws(params);
  defineImportPublic(params);
  defineGrants(params);
  defineServe(params);
}
