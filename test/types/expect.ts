/** Compiles for true only. */
export type Expect<T extends true> = T

export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
