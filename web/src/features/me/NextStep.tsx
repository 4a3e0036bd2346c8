import type { Me } from '../../api'
import { useTranslation } from '../../i18n'
import { Button } from '../../ui'
import styles from './Me.module.css'
import { nextStep, type Part, partOf } from './parts'

/** One kind word about what would help most. Never a score. */
export function NextStep({ me, onOpen }: { me: Me; onOpen(part: Part): void }) {
  const { t } = useTranslation()
  const next = nextStep(me)
  if (!next) return null
  return (
    <section className={styles.next} aria-label={t('me.next.label')}>
      <p>{t(`me.next.${next}.text`)}</p>
      {/* A suggestion on a page to read: it may scroll away. */}
      <Button look="primary" data-primary={undefined} onClick={() => onOpen(partOf(next, me))}>
        {t(`me.next.${next}.action`)}
      </Button>
    </section>
  )
}
