/**
 * The format of everything that a shard stores. Raise it when the fold stores something in another form. Programs of
 * the new format then count a generation of their own, and never read what the old format stored.
 */
export const STATE_FORMAT = 6;
