/** The folders of steps. Their names come from documents: none may lead out of the command's folder. */
import path from 'node:path';

export function stepFolder(commandFolder: string, stepName: string, outputName: string): string {
  return path.join(commandFolder, safe(stepName), safe(outputName));
}

function safe(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_') || '_';
}
