import { runCommand } from '../local/command.ts';
import { footfall } from './footfall.ts';

// The logs of the functions' code are for operators, not for the person at the terminal.
process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
await runCommand(footfall);
