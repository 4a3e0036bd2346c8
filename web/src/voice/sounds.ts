import { Writable } from '../ui/store'

/** localStorage: no earcons on this device. */
const OFF = 'heyy.sounds-off'

function stored(): boolean {
  try {
    return localStorage.getItem(OFF) === null
  } catch {
    return true
  }
}

/** Whether earcons are heard on this device. Change it with setSounds. */
export const sounds = new Writable<boolean>(stored())

export function setSounds(on: boolean): void {
  sounds.set(on)
  try {
    if (on) localStorage.removeItem(OFF)
    else localStorage.setItem(OFF, '1')
  } catch {
    // Chosen for this page alone, then.
  }
}
