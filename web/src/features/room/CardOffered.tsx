import { IdCard } from 'lucide-react'
import { isolate, useTranslation } from '../../i18n'
import { useCardOffers, useCards } from '../../people'
import { Button, Trouble } from '../../ui'
import styles from './Room.module.css'

/** Somebody hands one their card, on a stage: the last who did. */
export function CardOffered() {
  const { t } = useTranslation()
  const offer = useCardOffers().data?.received[0]
  const { busy, trouble, give, ignore } = useCards()
  if (!offer) return null
  const { id, name } = offer.person
  return (
    <section className={styles.notice} aria-label={t('cards.title')}>
      <p role="status">{t('cards.standing.received', { name: isolate(name) })}</p>
      <Button
        look="primary"
        icon={IdCard}
        busy={busy === `give:${id}`}
        meant={id}
        onClick={() => void give(id)}
      >
        {t('cards.exchange')}
      </Button>
      <Button
        look="plain"
        busy={busy === `ignore:${id}`}
        meant={id}
        onClick={() => void ignore(id)}
      >
        {t('cards.ignore')}
      </Button>
      <Trouble>{trouble}</Trouble>
    </section>
  )
}
