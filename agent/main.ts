/** The agent's program. The compile cache spares the next start most of its work and memory. */
import { enableCompileCache } from 'node:module';

// Node 20 has none; its default place is the user's own cache folder.
(enableCompileCache as typeof enableCompileCache | undefined)?.();
const { main } = await import('./command-line.ts');
await main();
