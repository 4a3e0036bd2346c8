import { useStore, Writable } from './store'

const said = new Writable('')
/** Long enough to be read out; later it would be found as if it were still so. */
const staysMs = 10_000
let fades: ReturnType<typeof setTimeout> | undefined

/**
 * Tells a screen reader what a seeing person notices by themselves: joined,
 * moved, reconnecting. Sighted people see nothing of it.
 */
export function announce(text: string): void {
  // The same words twice would be the same text, and not be read again.
  said.set(text === said.get() ? `${text}\u00a0` : text)
  clearTimeout(fades)
  fades = setTimeout(() => said.set(''), staysMs)
}

/** Stands once, in the shell. */
export function LiveRegion() {
  const text = useStore(said)
  return (
    <div className="only-heard" aria-live="polite" data-testid="live-region">
      {text}
    </div>
  )
}
