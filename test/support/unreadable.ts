// What a reader has to read twice.
/** This first sentence goes on and on, with one clause after the other, until its reader has long forgotten how it began. */
export const SAMPLE = 1
