import { type LucideIcon, Mic, MicOff } from 'lucide-react'
import { Icon } from './Icon'
import styles from './MicButton.module.css'
import { useMeant } from './meant'
import { useLevel } from './useLevel'

/**
 * The one big round control. Its inside is the level; its name says what a press does. It appears
 * where a seat was taken or a call accepted, and the second tap of that opens no microphone.
 */
export function MicButton({
  mic,
  level,
  label,
  word,
  icon,
  works = true,
  onPress,
}: {
  /** `closed` is on its way; `refused` is not to be had. */
  mic: 'open' | 'muted' | 'closed' | 'refused'
  /** 0..1, asked for while it is open. */
  level(): number
  /** Its name, where that says more than the word; it holds the word. */
  label?: string | undefined
  /** What stands below it. */
  word: string
  /** Another sign than a microphone, where a press does something else. */
  icon?: LucideIcon
  works?: boolean
  onPress(): void
}) {
  const press = useMeant('mic')<HTMLButtonElement>(() => {
    if (works) onPress()
  })
  const disc = useLevel<HTMLSpanElement>(mic === 'open' ? level : undefined)
  return (
    <button
      type="button"
      data-primary=""
      className={styles.mic}
      data-mic={mic}
      aria-label={label}
      aria-keyshortcuts={mic === 'refused' ? undefined : 'm'}
      {...press}
      aria-disabled={!works || press['aria-disabled']}
    >
      <span className={styles.round}>
        <span ref={disc} className={styles.level} />
        <Icon of={icon ?? (mic === 'open' || mic === 'closed' ? Mic : MicOff)} size={28} />
      </span>
      <span>{word}</span>
    </button>
  )
}
