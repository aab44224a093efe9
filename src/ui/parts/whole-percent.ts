/** Rounded down, so that 100 % is said when it is done and not before; 0.58 stays 58. */
export const wholePercent = (fraction: number): number => Math.floor(fraction * 100 + 1e-6);
