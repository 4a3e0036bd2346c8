import { X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { useTranslation } from 'react-i18next'
import { Button, IconButton } from './Button'
import { useStore, Writable } from './store'
import styles from './Toast.module.css'

type Note = {
  /** Asked for with every drawing if it is a function: then it speaks the language shown by then. */
  text: string | (() => string)
  /** One thing to do about it. It must not be the only way there: the note leaves by itself. */
  action?: { label: string; run(): void }
}

type Said = Note & { at: number; since: number }

const note = new Writable<Said | undefined>(undefined)
const offered = new Writable<Required<Note> | undefined>(undefined)

let count = 0

/** Says something in passing. A newer note takes the place of an older one. */
export function toast(said: Note): void {
  count += 1
  note.set({ ...said, at: count, since: performance.now() })
}

/** Offers what waits until it is answered. Stands in the flow of the app, so that it covers nothing. */
export function offer(said: Required<Note>): void {
  offered.set(said)
}

/** What is offered, and how to take it away. */
export const useOffer = () => [useStore(offered), () => offered.set(undefined)] as const

const staysMs = 6000
/** There is something to do about it: time to read it, and to get there. */
const staysToActMs = 10_000
/** What led to another page may have said something on the way there. */
const freshMs = 1000

/**
 * Where notes appear; stands once, in the shell. What is to be done about one belongs to its page. Beside
 * the app in the document, as sheets are: over them, and read out while they hide all else.
 */
export function Toaster({ page = '' }: { page?: string }) {
  const { t } = useTranslation()
  const current = useStore(note)
  // As long as somebody points at it, or has come to it by keys, it waits.
  const [held, setHeld] = useState(false)
  const hold = { pointed: useRef(false), focused: useRef(false) }
  const change = (by: keyof typeof hold, on: boolean) => {
    hold[by].current = on
    setHeld(hold.pointed.current || hold.focused.current)
  }
  const dismiss = () => {
    // What is taken away tells nobody that it lost the focus.
    hold.pointed.current = false
    hold.focused.current = false
    setHeld(false)
    note.set(undefined)
  }

  useEffect(() => {
    if (!current || held) return
    const timer = setTimeout(() => note.set(undefined), current.action ? staysToActMs : staysMs)
    return () => clearTimeout(timer)
  }, [current, held])

  const before = useRef(page)
  useEffect(() => {
    if (before.current === page) return
    before.current = page
    const said = note.get()
    if (said?.action && performance.now() - said.since > freshMs) note.set(undefined)
  }, [page])

  return createPortal(
    <div
      className={styles.place}
      role="status"
      // Said by the role already; a sheet leaves what has it in the open.
      aria-live="polite"
      // Pressed, it neither closes the sheet below it nor takes the focus out of it.
      onPointerDown={(event) => event.stopPropagation()}
      onMouseDown={(event) => event.preventDefault()}
      onPointerEnter={() => change('pointed', true)}
      onPointerLeave={() => change('pointed', false)}
      onFocus={() => change('focused', true)}
      onBlur={() => change('focused', false)}
    >
      {current && (
        <div key={current.at} className={styles.note}>
          <p>{typeof current.text === 'function' ? current.text() : current.text}</p>
          <span className={styles.acts}>
            {current.action && (
              <Button
                look="plain"
                className={styles.action}
                onClick={() => {
                  current.action?.run()
                  dismiss()
                }}
              >
                {current.action.label}
              </Button>
            )}
            <IconButton label={t('common.close')} icon={X} onClick={dismiss} />
          </span>
        </div>
      )}
    </div>,
    document.body,
  )
}

/** There is nothing more to be done by it: the note that offers it goes, if it is still there. */
export function withdraw(action: NonNullable<Note['action']>): void {
  if (note.get()?.action === action) note.set(undefined)
}
