/**
 * How much longer something may take than its bar allows: the machines of CI share their cores with
 * strangers, and stall. `heyy bench` and a developer's machine hold the bar itself.
 */
export const SLACK = process.env.CI ? 2 : 1

/** What something with this bar may take on this machine, in milliseconds. */
export const within = (bar: number): number => bar * SLACK
