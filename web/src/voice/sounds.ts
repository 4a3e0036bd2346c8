import { onUnless } from './choice'

/** Whether earcons are heard on this device. localStorage `heyy.sounds-off`: they are not. */
export const sounds = onUnless('heyy.sounds-off')
