import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Person, Presence } from '../api'
import { isolate, useTranslation } from '../i18n'
import { presence } from '../realtime/presence'
import { AuraStill, useStore } from '../ui'
import styles from './Presence.module.css'

/** How a friend is there; nothing while they are offline, and of anybody else. */
function usePresence(person: Pick<Person, 'id'>): Presence | undefined {
  useEffect(() => presence.start(), [])
  return useStore(presence).people.get(person.id)
}

/** An aura with a mark at its corner if this friend is here. Each state has a shape. */
export function AuraWithPresence({ person, size }: { person: Person; size: number }) {
  return (
    <span className={styles.with}>
      <AuraStill person={person} size={size} />
      <PresenceBadge person={person} />
    </span>
  )
}

/** The mark alone, with its name for readers. */
function PresenceBadge({ person }: { person: Pick<Person, 'id'> }) {
  const { t } = useTranslation()
  const here = usePresence(person)
  if (!here || here.state === 'offline') return null
  return (
    <span className={styles.badge} data-state={here.state}>
      <span className="only-heard">{t(`people.presence.${here.state}`)}</span>
    </span>
  )
}

/** The same in words; the room is a link into it where `link` says so. */
export function PresenceLine({
  person,
  link = false,
}: {
  person: Pick<Person, 'id'>
  link?: boolean
}) {
  const { t } = useTranslation()
  const here = usePresence(person)
  if (!here || here.state === 'offline') return null
  const { room, state } = here
  const words = room
    ? t('people.presence.inRoom', { title: isolate(room.title) })
    : t(`people.presence.${state}`)
  return (
    <p className={`${styles.line} cut`}>
      {room && link ? (
        <Link to="/rooms/$room" params={{ room: room.id }}>
          {words}
        </Link>
      ) : (
        words
      )}
    </p>
  )
}
