/**
 * Times of timers on AWS. They hang together: a worker's claim outlives the function that works, and a message stays
 * hidden while its function may still run. stacks/ sets the same; test/stacks compares.
 */

/** Seconds that a function may take: Lambda ends it then. */
export const functionSeconds = 60;

/** Seconds for which a message that a function was given is hidden from others. Lambda wants no less than its limit. */
export const hiddenSeconds = 90;

/** Milliseconds that a worker has a timer for itself: its function's time and some. Then another may try. */
export const claimLasts = 90_000;

/**
 * Timers of one call of the function. With more, one that takes all memory or time ends the others with it, and their
 * attempts count as failed.
 */
export const timersPerCall = 1;

/** Milliseconds between two looks at a timer of a kind that this version does not know: a deploy is under way. */
export const unknownPause = 60_000;

/** Milliseconds after which a timer of an unknown kind becomes a dead letter: no newer version is coming. */
export const unknownPatience = 24 * 3600_000;
