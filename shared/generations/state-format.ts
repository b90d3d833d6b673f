/**
 * The format of everything that a shard keeps. Raise it when the fold stores something in another form: programs of the
 * new format then count a generation of their own, and never read what the old one stored.
 */
export const STATE_FORMAT = 4;
