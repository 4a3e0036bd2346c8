import { Choice } from './choice'

/** How fast recordings are played, by how many times. */
export const rates = [1, 1.5, 2] as const
export type Rate = (typeof rates)[number]

/** How fast this device plays something, kept in localStorage under `key`. */
export const chosenRate = (key: string) =>
  new Choice<Rate>(
    key,
    (stored) => rates.find((rate) => String(rate) === stored) ?? 1,
    (rate) => (rate === 1 ? undefined : String(rate)),
  )
