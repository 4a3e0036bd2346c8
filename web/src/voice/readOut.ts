import { Choice } from './choice'

/** What screen readers are told of a room: nothing, who comes on stage, also who speaks. */
export const toRead = ['stage', 'speaking', 'nothing'] as const
export type ReadOut = (typeof toRead)[number]

/** localStorage `heyy.read-out`; without it: who comes on stage. */
export const readOut = new Choice<ReadOut>(
  'heyy.read-out',
  (stored) => toRead.find((one) => one === stored) ?? 'stage',
  (chosen) => (chosen === 'stage' ? undefined : chosen),
)
