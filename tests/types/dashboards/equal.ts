/** Compiles where `A` and `B` are the same type, and `any` is the same as itself alone. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export declare function same<A, B>(yes: Same<A, B>): void;
