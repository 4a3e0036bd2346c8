import { Link } from '@tanstack/react-router'
import type { Card } from '../../api'
import { useTranslation } from '../../i18n'
import { AuraStill } from '../../ui'
import { entering } from '../../voice/session'
import styles from './Stage.module.css'

const most = 9

/** On a desk, beside the rooms: the people who talk right now, wherever they do. */
export function Stage({ cards }: { cards: readonly Card[] }) {
  const { t } = useTranslation()
  const people = cards.flatMap((card) => card.speakers.map((person) => ({ person, card })))
  if (people.length === 0) return null
  return (
    <section className={styles.stage} aria-labelledby="stage-now">
      <h2 id="stage-now">{t('lobby.stageNow')}</h2>
      <ul>
        {people.slice(0, most).map(({ person, card }) => (
          <li key={`${card.id}-${person.id}`}>
            <Link
              to="/rooms/$room"
              params={{ room: card.id }}
              onClick={entering(card.id)}
              viewTransition
              className={styles.person}
            >
              <AuraStill person={person} size={44} />
              <span>
                <bdi className={`${styles.name} cut`}>{person.name}</bdi>
                <bdi className={`${styles.where} cut`}>{card.title}</bdi>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
