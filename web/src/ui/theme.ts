import { Writable } from './store'

export type Appearance = 'system' | 'dark' | 'light'

const remembered = 'heyy.appearance'
const prefersLight = '(prefers-color-scheme: light)'

function stored(): Appearance {
  try {
    const value = localStorage.getItem(remembered)
    return value === 'dark' || value === 'light' ? value : 'system'
  } catch {
    return 'system'
  }
}

/** What the person chose. Read it with useStore; change it with setAppearance. */
export const appearance = new Writable<Appearance>('system')

/** What is shown: the choice, or the system's wish. Auras are painted for it. */
export const theme = new Writable<'dark' | 'light'>('dark')

function apply(): void {
  const chosen = appearance.get()
  const light = chosen === 'light' || (chosen === 'system' && matchMedia(prefersLight).matches)
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
  theme.set(light ? 'light' : 'dark')
}

export function startTheme(): void {
  appearance.set(stored())
  matchMedia(prefersLight).addEventListener('change', apply)
  apply()
}

export function setAppearance(chosen: Appearance): void {
  appearance.set(chosen)
  try {
    localStorage.setItem(remembered, chosen)
  } catch {
    // Not remembered, that is all.
  }
  apply()
}
