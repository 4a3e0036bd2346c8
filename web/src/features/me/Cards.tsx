import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useTranslation } from '../../i18n'
import { useCardOffers } from '../../people'
import { Icon } from '../../ui'
import styles from './Me.module.css'

/** The way to the contact cards, and how many wait for an answer. */
export function Cards() {
  const { t } = useTranslation()
  const received = useCardOffers().data?.received.length ?? 0
  return (
    <section className={styles.section} aria-labelledby="cards">
      <h2 id="cards">{t('cards.title')}</h2>
      <ul className={styles.group}>
        <li>
          <Link to="/me/cards" className={styles.open}>
            <span className={styles.said}>
              <span>{t('cards.open')}</span>
              <small className="numbers">
                {received > 0 ? t('cards.waiting', { count: received }) : t('cards.openHint')}
              </small>
            </span>
            <Icon of={ChevronRight} size={20} />
          </Link>
        </li>
      </ul>
    </section>
  )
}
