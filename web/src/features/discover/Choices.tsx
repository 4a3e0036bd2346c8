import { Heart, RotateCcw, X } from 'lucide-react'
import { useTranslation } from '../../i18n'
import { Icon } from '../../ui'
import styles from './Choices.module.css'
import type { Choice } from './swipe'

/** So many are left before it is worth saying. */
const few = 10

/** Pass and like, where the thumb is; the last choice can be taken back. */
export function Choices({
  name,
  likesLeft,
  canUndo,
  onChoose,
  onUndo,
}: {
  /** Of whom; missing when nobody is there. */
  name: string | undefined
  likesLeft: number
  canUndo: boolean
  onChoose(choice: Choice): void
  onUndo(): void
}) {
  const { t } = useTranslation()
  const spent = likesLeft <= 0
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
        {name !== undefined && (
          <>
            <button
              type="button"
              className={styles.pass}
              aria-keyshortcuts="ArrowLeft"
              onClick={() => onChoose('pass')}
            >
              <Icon of={X} />
              {t('discover.pass')}
            </button>
            <button
              type="button"
              className={styles.like}
              aria-keyshortcuts="ArrowRight"
              disabled={spent}
              onClick={() => onChoose('like')}
            >
              <Icon of={Heart} />
              {t('discover.like')}
            </button>
          </>
        )}
      </div>
      <p className={styles.keys} aria-hidden>
        <kbd>←</kbd> {t('discover.pass')}
        <kbd>→</kbd> {t('discover.like')}
        <kbd>{t('discover.keys.space')}</kbd> {t('discover.keys.play')}
        <kbd>U</kbd> {t('discover.undo')}
      </p>
    </div>
  )
}
