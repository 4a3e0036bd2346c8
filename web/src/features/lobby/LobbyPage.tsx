import { useNavigate } from '@tanstack/react-router'
import { Plus, Search } from 'lucide-react'
import { type ReactElement, useEffect, useRef, useState } from 'react'
import { type Category, me } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { LivePeople, useBonds, yoursIn } from '../../people'
import { lobby } from '../../realtime/lobby'
import {
  Button,
  Chips,
  EmptyState,
  Icon,
  IconButton,
  moodNames,
  Page,
  Quiet,
  useStore,
} from '../../ui'
import { Writable } from '../../ui/store'
import { Clubs } from './Clubs'
import { Hero, HeroSkeleton } from './Hero'
import styles from './Lobby.module.css'
import { Row, RowSkeleton } from './Row'
import { Stage } from './Stage'
import { StartRoom } from './StartRoom'
import { heroOf, partOfDay, peopleIn } from './words'

type Filter = 'all' | Category

/** Kept outside the page: who comes back from a room finds the lobby as it was. */
const filter = new Writable<Filter>('all')

/** `below` stands under the rooms. */
export function LobbyPage({ below }: { below?: ReactElement }) {
  const { t } = useTranslation()
  const state = useStore(lobby)
  const who = useStore(me)
  const chosen = useStore(filter)
  const bonds = useBonds()
  const navigate = useNavigate()
  const [starting, setStarting] = useState(false)
  const hero = useRef<{ chosen: Filter; id: string }>(undefined)

  useEffect(() => lobby.start(), [])

  const { cards, status } = state
  const shown = chosen === 'all' ? cards : cards.filter((card) => card.category === chosen)
  const waiting = status === 'loading' && cards.length === 0
  const name = isolate(who.status === 'in' ? who.me.name : '')
  const hour = partOfDay(new Date().getHours())

  return (
    <Page
      title={t(`lobby.greeting.${hour}`, { name })}
      lead={<span className="numbers">{lead()}</span>}
      aside={
        <IconButton
          label={t('find.title')}
          icon={Search}
          onClick={() => void navigate({ to: '/search' })}
        />
      }
      side={
        <>
          <Button look="primary" large full icon={Plus} onClick={() => setStarting(true)}>
            {t('lobby.start.open')}
          </Button>
          <Stage cards={cards} />
        </>
      }
    >
      {cards.length > 0 && status !== 'ready' && status !== 'loading' && (
        <p className={styles.note} role="status">
          {t('app.offline.note')}
        </p>
      )}

      <LivePeople />

      {(waiting || cards.length > 0) && (
        <Chips<Filter>
          label={t('lobby.filter')}
          hideLabel
          line
          value={chosen}
          onChange={filter.set}
          chips={[
            { value: 'all', label: t('lobby.all') },
            ...moodNames.map((mood) => ({ value: mood, label: t(`category.${mood}`), mood })),
          ]}
        />
      )}

      {!waiting && (cards.length > 0 || status === 'ready') && <Clubs />}

      {waiting ? <Waiting /> : rooms()}

      {!waiting && below && <div className={styles.below}>{below}</div>}

      {(cards.length > 0 || status === 'ready') && (
        <div className={styles.dock}>
          <button
            type="button"
            data-primary=""
            className={styles.start}
            onClick={() => setStarting(true)}
          >
            <Icon of={Plus} size={20} />
            <span>{t('lobby.start.open')}</span>
          </button>
        </div>
      )}

      {who.status === 'in' && (
        <StartRoom
          open={starting}
          onOpenChange={setStarting}
          me={who.me}
          category={chosen === 'all' ? undefined : chosen}
        />
      )}
    </Page>
  )

  function lead() {
    if (waiting) return t('lobby.looking')
    if (cards.length === 0) return status === 'ready' ? t('lobby.quiet') : null
    return t('lobby.around', { rooms: cards.length, people: peopleIn(cards) })
  }

  function rooms() {
    if (who.status !== 'in') return null
    const before = hero.current?.chosen === chosen ? hero.current.id : undefined
    const first = heroOf(shown, who.me, before, bonds)
    if (!first) return nothing()
    hero.current = { chosen, id: first.id }
    const pushed = cards.some((card) => yoursIn(card, bonds).length > 0)
    const others = shown.filter((card) => card !== first)
    return (
      <>
        <Hero card={first} me={who.me} pushed={pushed} />
        {others.length > 0 && (
          <section aria-label={t('lobby.open')}>
            <ul className={styles.rows}>
              {others.map((card, place) => (
                <Row key={card.id} card={card} me={who.me} place={place} pushed={pushed} />
              ))}
            </ul>
          </section>
        )}
      </>
    )
  }

  function nothing() {
    const retry = (
      <Button look="quiet" onClick={() => void lobby.retry()}>
        {t('common.retry')}
      </Button>
    )
    if (status === 'offline') {
      return (
        <EmptyState title={t('app.offline.title')} action={retry} art={<Quiet seed="offline" />}>
          {t('app.offline.text')}
        </EmptyState>
      )
    }
    if (status === 'error') {
      return (
        <EmptyState title={t('lobby.error.title')} action={retry} art={<Quiet seed="error" />}>
          {t('lobby.error.text')}
        </EmptyState>
      )
    }
    if (chosen !== 'all' && cards.length > 0) {
      const category = t(`category.${chosen}`)
      return (
        <EmptyState title={t('lobby.none.title', { category })} art={<Quiet seed={chosen} />}>
          {t('lobby.none.text')}
        </EmptyState>
      )
    }
    return (
      <EmptyState title={t('lobby.empty.title')} art={<Quiet seed="lobby" />}>
        {t('lobby.empty.text')}
      </EmptyState>
    )
  }
}

function Waiting() {
  return (
    <div aria-busy="true">
      <HeroSkeleton />
      <ul className={styles.rows}>
        {[0, 1, 2, 3].map((i) => (
          <RowSkeleton key={i} />
        ))}
      </ul>
    </div>
  )
}
