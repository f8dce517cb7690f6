// What a decoder gives where an array has a hole: no value that was encoded is it.

/** What stands for an element that is not there, while it is on its way to its array. */
export const HOLE = Symbol('hole');
