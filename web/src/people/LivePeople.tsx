import { Link } from '@tanstack/react-router'
import { useEffect, useId } from 'react'
import { useTranslation } from '../i18n'
import { lobby } from '../realtime/lobby'
import { AuraStill, useMeant, useStore } from '../ui'
import { entering } from '../voice/session'
import styles from './LivePeople.module.css'
import { useBonds } from './useBonds'
import { yourPeople } from './yours'

/**
 * Whom one follows and one's friends, while they are on a stage: one tap leads into their room. It
 * reads the cards of the lobby, which say who is on a stage, and tells the server nothing.
 */
export function LivePeople({ small = false }: { small?: boolean }) {
  const { t } = useTranslation()
  const heading = useId()
  const bonds = useBonds()
  const { cards } = useStore(lobby)
  const some = bonds.following.size + bonds.friends.size > 0
  useEffect(() => (some ? lobby.start() : undefined), [some])

  const people = yourPeople(cards, bonds)
  // One who comes or goes moves the others, under a finger.
  const meant = useMeant(people.map(({ person, card }) => `${person.id} ${card.id}`).join())
  if (people.length === 0) return null
  return (
    <section className={styles.live} data-small={small || undefined} aria-labelledby={heading}>
      <h2 id={heading}>{t('people.live.title')}</h2>
      <ul>
        {people.map(({ person, card }) => (
          <li key={person.id}>
            <Link
              to="/rooms/$room"
              params={{ room: card.id }}
              className={styles.person}
              {...meant<HTMLAnchorElement>((_, tap) => entering(card.id)(tap))}
            >
              <span className={styles.aura}>
                <AuraStill person={person} size={small ? 36 : 60} />
              </span>
              <span className={styles.words}>
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
