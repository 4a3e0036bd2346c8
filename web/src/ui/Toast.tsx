import { X } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, IconButton } from './Button'
import { useStore, Writable } from './store'
import styles from './Toast.module.css'

type Note = {
  /** Asked for with every drawing if it is a function: then it speaks the language shown by then. */
  text: string | (() => string)
  /** The one thing to do about it. Such a note stays until it is answered. */
  action?: { label: string; run(): void }
}

const note = new Writable<(Note & { at: number }) | undefined>(undefined)

let count = 0

/** Says something in passing. A newer note takes the place of an older one. */
export function toast(said: Note): void {
  count += 1
  note.set({ ...said, at: count })
}

const staysMs = 6000

/** Where notes appear; stands once, in the shell. */
export function Toaster() {
  const { t } = useTranslation()
  const current = useStore(note)

  useEffect(() => {
    if (!current || current.action) return
    const timer = setTimeout(() => note.set(undefined), staysMs)
    return () => clearTimeout(timer)
  }, [current])

  const dismiss = () => note.set(undefined)
  return (
    <div className={styles.place} role="status">
      {current && (
        <div key={current.at} className={styles.note}>
          <p>{typeof current.text === 'function' ? current.text() : current.text}</p>
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
        </div>
      )}
    </div>
  )
}

/** There is nothing more to be done by it: the note that offers it goes, if it is still there. */
export function withdraw(action: NonNullable<Note['action']>): void {
  if (note.get()?.action === action) note.set(undefined)
}
