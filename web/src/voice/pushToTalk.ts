import { Choice } from './choice'
import { live } from './live'

/**
 * The key that is held to talk, as KeyboardEvent.code; undefined: none. localStorage `heyy.talk-key`.
 * A code names a place on the keyboard, so it stays the same key in every layout.
 */
export const talkKey = new Choice<string | undefined>(
  'heyy.talk-key',
  (stored) => (stored && isTalkKey(stored) ? stored : undefined),
  (code) => code,
)

export const usualTalkKey = 'Space'

/** Keys that do something else, or that no browser tells of reliably. */
const NO_KEYS =
  /^(Tab|Enter|NumpadEnter|Escape|Backspace|Delete|CapsLock|NumLock|ScrollLock|PrintScreen|ContextMenu|Arrow.*|Page.*|Home|End|Meta.*|OS.*|Control.*|Shift.*|Alt.*|Fn.*|F\d+|KeyM|Unidentified)?$/

/** Whether a key can be held to talk. M is taken; keys that move around or change others are not for it. */
export const isTalkKey = (code: string): boolean => !NO_KEYS.test(code) && code.length <= 32

/** What is said is heard to its end: the last syllable outlasts the finger. */
const TAIL_MS = 200
/**
 * Each opening is two commands, of which the server allows 300 at once and one a second. Whoever taps
 * faster than this for long holds the rest of what they do back, so their key waits instead.
 */
const OPENINGS = 60
const ONE_MORE_MS = 3000

/** Where a key is for writing, or belongs to what is open over the page. */
const elsewhere =
  'input, textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [role=menu], [role=listbox]'

export interface Talker {
  /** 'muted' can be opened. */
  mic: string
  setMuted(muted: boolean): void
}

interface Deps {
  /** Those whose microphone the key opens. */
  talkers(): readonly Talker[]
  /** The key was pressed, and has opened nothing. */
  refused?(): void
}

/**
 * Opens the microphone while the key is held. It takes the way of the button: others see it open and
 * closed, and what the server refuses is closed again. A microphone that is open already is left alone.
 * Returns how to stop.
 */
export function holdToTalk({ talkers, refused }: Deps): () => void {
  const over = new AbortController()
  let held = false
  /** It was us who opened it. */
  let opened = false
  let closing: ReturnType<typeof setTimeout> | undefined
  let left = OPENINGS
  let counted = performance.now()

  const close = () => {
    clearTimeout(closing)
    closing = undefined
    if (!opened) return
    opened = false
    for (const { mic, setMuted } of talkers()) if (mic === 'open') setMuted(true)
  }
  const letGo = () => {
    held = false
    close()
  }
  const spend = () => {
    const now = performance.now()
    left = Math.min(OPENINGS, left + (now - counted) / ONE_MORE_MS)
    counted = now
    if (left < 1) return false
    left--
    return true
  }

  const isIt = (event: KeyboardEvent) => event.code !== '' && event.code === talkKey.get()
  const down = (event: KeyboardEvent) => {
    if (!isIt(event)) return
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    if (event.target instanceof Element && event.target.closest(elsewhere)) return
    const usable = talkers().filter(({ mic }) => mic === 'open' || mic === 'muted')
    if (usable.length === 0) return
    // Or it would press the button that has the focus, or scroll.
    event.preventDefault()
    if (event.repeat || held) return
    held = true
    if (closing !== undefined) {
      clearTimeout(closing)
      closing = undefined
      return
    }
    const muted = usable.filter(({ mic }) => mic === 'muted')
    if (muted.length === 0) return
    if (!spend()) {
      refused?.()
      return
    }
    opened = true
    for (const { setMuted } of muted) setMuted(false)
  }
  const up = (event: KeyboardEvent) => {
    if (!held || !isIt(event)) return
    event.preventDefault()
    held = false
    if (opened) closing = setTimeout(close, TAIL_MS)
  }
  const { signal } = over
  // Before any button hears of it.
  document.addEventListener('keydown', down, { signal, capture: true })
  document.addEventListener('keyup', up, { signal, capture: true })
  // The key may be let go of elsewhere, and nobody would tell.
  window.addEventListener('blur', letGo, { signal })
  document.addEventListener('visibilitychange', letGo, { signal })
  const undo = talkKey.subscribe(letGo)
  return () => {
    over.abort()
    undo()
    letGo()
  }
}

/** The room and the call of this page. */
export const talkersHere = (): readonly Talker[] =>
  live.get().filter((line) => line.kind !== 'recording')
