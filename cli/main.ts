import { runCommand } from '../local/command.ts';
import { footfall } from './footfall.ts';

await runCommand(footfall);
