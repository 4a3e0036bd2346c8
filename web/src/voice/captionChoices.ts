import { Choice } from './choice'

const offUnless = (key: string) =>
  new Choice<boolean>(
    key,
    (stored) => stored === '1',
    (on) => (on ? '1' : undefined),
  )

/** Whether this device shows captions of others. */
export const captionsShown = offUnless('heyy.captions-shown')
/** Whether its person's voice becomes captions, by their own act. */
export const captionsMine = offUnless('heyy.captions-mine')
/** Whether they type captions. */
export const captionsTyped = offUnless('heyy.captions-typed')
