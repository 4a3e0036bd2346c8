import { useEffect, useRef } from 'react'
import type { Me } from '../../api'
import { useTranslation } from '../../i18n'
import { Portrait } from '../../people'
import { Button, Trouble } from '../../ui'
import styles from './Step.module.css'

/** The moment the ring closes: this is how others will know them. */
export function Reveal({
  me,
  busy,
  trouble,
  onEnter,
}: {
  me: Me
  busy: boolean
  trouble: string | undefined
  onEnter(): void
}) {
  const { t } = useTranslation()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    window.scrollTo(0, 0)
    heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <main className={styles.reveal}>
      <div className={styles.art}>
        <Portrait person={me} size={320} />
      </div>
      <div className={styles.form}>
        <div className={styles.words}>
          <h1 ref={heading} tabIndex={-1}>
            {t('onboarding.reveal.title')}
          </h1>
          <p className={styles.lead}>{t('onboarding.reveal.lead')}</p>
        </div>
        <Trouble>{trouble}</Trouble>
        <Button look="primary" large full busy={busy} meant="reveal" onClick={onEnter}>
          {t('onboarding.reveal.enter')}
        </Button>
      </div>
    </main>
  )
}
