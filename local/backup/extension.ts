/**
 * `POST /x/backup`: the data folder as a tar. It is for admins only, because it has all secrets. It is a POST, so that
 * the audit trail records it.
 */
import type { Extensions } from '../../core/extensions.ts';
import { openBackup, type BackupParts } from './backup.ts';

export function backupExtensions(parts: BackupParts): Extensions {
  return {
    'POST /x/backup': {
      roles: ['admin'],
      run: async (_request, context) => {
        const body = await openBackup(parts);
        body.once('error', (error) => context.log.error('a backup failed', { error }));
        return {
          status: 200,
          headers: { 'content-type': 'application/x-tar', 'x-amzn-requestid': context.requestId },
          body,
        };
      },
    },
  };
}
