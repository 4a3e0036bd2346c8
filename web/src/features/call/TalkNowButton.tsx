import type { Me } from '../../api'
import { useTranslation } from '../../i18n'
import { Aura, AuraStill, Skeleton, useCalm, useLevel } from '../../ui'
import styles from './TalkNowButton.module.css'

/** The one thing to press: an eclipse whose rim is one's own microphone. */
export function TalkNowButton({
  me,
  ear,
  busy,
  onPress,
}: {
  me: Me
  ear: () => number
  busy: boolean
  onPress(): void
}) {
  const { t } = useTranslation()
  const calm = useCalm()
  const rim = useLevel<HTMLButtonElement>(ear)
  return (
    <div className={styles.sun}>
      <span className={styles.corona}>
        {calm ? <AuraStill person={me} size={344} /> : <Aura person={me} size={470} level={ear} />}
      </span>
      <button
        ref={rim}
        type="button"
        data-primary=""
        className={styles.disc}
        aria-busy={busy || undefined}
        aria-describedby="call-rim"
        onClick={() => {
          if (!busy) onPress()
        }}
      >
        {t('call.idle.go')}
      </button>
      <span id="call-rim" className="only-heard">
        {t('call.idle.rim')}
      </span>
    </div>
  )
}

/** Its place, while nobody knows yet who is around. */
export function TalkNowSkeleton() {
  return (
    <div className={styles.sun} aria-busy="true">
      <Skeleton width="calc(232px * var(--art))" height="calc(232px * var(--art))" round />
    </div>
  )
}
