import { tmpdir } from 'node:os';

/** Only what a process needs, so that no setting of this machine gets into what it makes. */
export const bareEnv = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: tmpdir() };
