import { Heart, RotateCcw, X } from 'lucide-react'
import type { DiscoverCard } from '../../api'
import { useTranslation } from '../../i18n'
import { Icon, useMeant } from '../../ui'
import styles from './Choices.module.css'
import { deck } from './deck'
import type { Choice } from './swipe'

/** So many are left before it is worth saying. */
const few = 10

/** Pass and like, where the thumb is; the last choice can be taken back. */
export function Choices({
  person,
  likesLeft,
  canUndo,
  onChoose,
  onUndo,
}: {
  /** Of whom; missing when nobody is there. */
  person: DiscoverCard['person'] | undefined
  likesLeft: number
  canUndo: boolean
  onChoose(choice: Choice, person?: string): boolean
  onUndo(): void
}) {
  const { t } = useTranslation()
  const spent = likesLeft <= 0
  const meant = useMeant(person?.id, deck.settled)
  const press = (choice: Choice) => meant((id) => onChoose(choice, id))
  return (
    <div className={styles.dock}>
      {likesLeft < few && (
        <p className={`${styles.left} numbers`}>
          {spent ? t('discover.likesSpent') : t('discover.likesLeft', { count: likesLeft })}
        </p>
      )}
      <div className={styles.row}>
        <button
          type="button"
          className={styles.undo}
          disabled={!canUndo}
          aria-keyshortcuts="u"
          onClick={onUndo}
        >
          <Icon of={RotateCcw} size={20} />
          <span>{t('discover.undo')}</span>
        </button>
        {person !== undefined && (
          <>
            <button
              type="button"
              data-primary=""
              className={styles.pass}
              aria-keyshortcuts="ArrowLeft"
              {...press('pass')}
            >
              <Icon of={X} />
              <span>{t('discover.pass')}</span>
            </button>
            <button
              type="button"
              data-primary=""
              className={styles.like}
              aria-keyshortcuts="ArrowRight"
              disabled={spent}
              {...press('like')}
            >
              <Icon of={Heart} />
              <span>{t('discover.like')}</span>
            </button>
          </>
        )}
      </div>
      <p className={styles.keys} aria-hidden>
        <kbd>←</kbd>
        <span>{` ${t('discover.pass')} `}</span>
        <kbd>→</kbd>
        <span>{` ${t('discover.like')} `}</span>
        <kbd>{t('discover.keys.space')}</kbd>
        <span>{` ${t('discover.keys.play')} `}</span>
        <kbd>U</kbd>
        <span>{` ${t('discover.undo')}`}</span>
      </p>
    </div>
  )
}
