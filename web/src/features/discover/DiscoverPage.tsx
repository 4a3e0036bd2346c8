import { Link } from '@tanstack/react-router'
import {
  Pause,
  Play,
  Radio as RadioSign,
  RotateCcw,
  SkipForward,
  SlidersHorizontal,
  Square,
} from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import { type DiscoverCard, type Me, me } from '../../api'
import { inOneLine, isolate, useTranslation } from '../../i18n'
import { problemKey } from '../../i18n/problem'
import { useClip } from '../../people'
import {
  announce,
  Button,
  IconButton,
  letter,
  Page,
  type Parts,
  Sheet,
  toast,
  useDesk,
  useStore,
} from '../../ui'
import { player } from '../../voice/player'
import { session, useSession } from '../../voice/session'
import { Card, Details } from './Card'
import cardStyles from './Card.module.css'
import { Choices } from './Choices'
import styles from './Discover.module.css'
import { deck } from './deck'
import { Filters } from './Filters'
import { recordingFor, tellHeard } from './intro'
import { radio } from './radio'
import { Closed, Failed, Limited, Loading, Nobody, Paused, Widen } from './States'
import type { Choice } from './swipe'

/** Fewer than this are few enough to say so. */
const fewCards = 6

/** A card that goes is gone after this; as the stylesheet's --mid, and a frame. */
const leavesWithinMs = 220

const topOf = () => deck.get().cards[0]

/** The intro of whoever is on top, as it plays now. */
const topRecording = () => {
  const card = topOf()
  return radio.get().on && card ? radio.recordingOf(card) : recordingFor(card)
}

function toggle(): void {
  const now = topRecording()
  const { key, status } = player.get()
  if (!now) return
  if (key === now.key && (status === 'playing' || status === 'loading')) player.pause()
  else void player.play(now)
}

/** Radio goes on by itself, and tells itself. */
const leaveTop = () => {
  if (!radio.get().on) tellHeard(topOf())
}

export function DiscoverPage({ rail }: { rail?: Parts }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const state = useStore(deck)
  const who = useStore(me)
  const sound = useStore(player)
  const [filtering, setFiltering] = useState(false)
  const [asking, setAsking] = useState(false)
  const [leaving, setLeaving] = useState<{ card: DiscoverCard; choice: Choice }>()
  const [card] = state.cards
  const { on, over } = useStore(radio)
  const room = useSession()

  useEffect(() => {
    deck.open()
    return leaveTop
  }, [])

  // The next voice is fetched while this one is looked at: only one, and only once this one plays.
  const next = state.cards[1]
  const playing = sound.status === 'playing'
  useEffect(() => {
    const ahead = recordingFor(next)
    if (playing && ahead && !on) player.prepare(ahead)
  }, [playing, next, on])

  const { problem, status } = state
  useEffect(() => {
    // The likes of a day say so where they are given, and a page that did not come says so itself.
    if (problem && problem.code !== 'likes.spent' && status === 'ready')
      toast({ text: t(problemKey(problem)) })
  }, [problem, status, t])

  useEffect(() => {
    const { problem } = sound
    if (problem && problem.code !== 'clips.spent') toast({ text: t('people.notPlayed') })
  }, [sound, t])

  const choose = useCallback(
    (choice: Choice, person = deck.get().cards[0]?.person.id) => {
      const [top, after] = deck.get().cards
      if (!top || person === undefined || !deck.settled(person)) return false
      if (choice === 'like' && deck.get().likesLeft <= 0) return false
      leaveTop()
      setLeaving({ card: top, choice })
      deck.choose(choice)
      const said = t(choice === 'like' ? 'discover.said.liked' : 'discover.said.passed', {
        name: isolate(top.person.name),
      })
      announce(
        after
          ? inOneLine([said, t('discover.said.next', { name: isolate(after.person.name) })])
          : said,
      )
      return true
    },
    [t],
  )

  const undo = useCallback(() => {
    leaveTop()
    setLeaving(undefined)
    void deck.undo()
  }, [])

  useEffect(() => {
    if (!leaving) return
    const timer = setTimeout(() => setLeaving(undefined), leavesWithinMs)
    return () => clearTimeout(timer)
  }, [leaving])

  useKeys({ choose, undo })

  const self = who.status === 'in' ? who.me : undefined
  const going = leaving && leaving.card.person.id !== card?.person.id ? leaving : undefined
  const inRoom = room.status === 'live' || room.status === 'joining'

  const startRadio = () => {
    if (inRoom) setAsking(true)
    else radio.start()
  }

  const widen = (who: Me) => ({
    thin: state.thin,
    alert: state.alert,
    preferences: who.preferences,
    onFilters: () => setFiltering(true),
  })
  // With so few left, what brings more stands where their card ends.
  const few = state.thin !== undefined && state.cards.length < fewCards
  const details = (one: DiscoverCard, who: Me) => (
    <>
      <Details key={one.person.id} card={one} />
      {few && <Widen {...widen(who)} beside />}
    </>
  )

  const body = () => {
    if (!self) return null
    switch (state.status) {
      case 'loading':
        return <Loading />
      case 'closed':
        return <Closed needs={self.needs} />
      case 'paused':
        return <Paused />
      case 'limited':
        return <Limited />
      case 'error':
      case 'offline':
        return <Failed why={state.problem?.code ?? 'unknown'} />
      case 'ready':
        if (!card && state.dealing) return <Loading />
        if (!card) {
          return <Nobody {...widen(self)} />
        }
        return (
          <div className={cardStyles.pile}>
            {[going?.card, card].map(
              (one) =>
                one && (
                  <Card
                    key={one.person.id}
                    card={one}
                    about={on && one === card ? radio.recordingOf(one) : undefined}
                    leaving={one === card ? undefined : going?.choice}
                    onChoose={choose}
                  >
                    {one === card &&
                      (on ? <RadioKeys card={card} /> : !desk && details(card, self))}
                  </Card>
                ),
            )}
          </div>
        )
    }
  }

  const shown = state.status === 'ready' && card !== undefined
  const open = state.status === 'ready'
  return (
    <div className={styles.discover} data-radio={on || undefined}>
      <Page
        title={on ? t('discover.radio.on') : t('nav.discover')}
        lead={
          shown && !on && few ? t('discover.fewLeft', { count: state.cards.length }) : undefined
        }
        aside={
          open && (
            <div className={styles.ways}>
              {on ? (
                <Button icon={Square} onClick={() => player.stop()}>
                  {t('discover.radio.stop')}
                </Button>
              ) : (
                <>
                  {shown && (
                    <Button icon={RadioSign} onClick={startRadio}>
                      {t('discover.radio.start')}
                    </Button>
                  )}
                  <IconButton
                    look="quiet"
                    icon={SlidersHorizontal}
                    label={t('discover.filters.open')}
                    onClick={() => setFiltering(true)}
                  />
                </>
              )}
            </div>
          )
        }
        side={shown && desk && !on && self ? details(card, self) : undefined}
      >
        {open && !on && rail}
        {sound.problem?.code === 'clips.spent' && (
          <p className={styles.note} role="status">
            <span>{`${t('discover.clipsSpent')} `}</span>
            <Link to="/">{t('common.toRooms')}</Link>
          </p>
        )}
        {over && !on && (
          <p className={styles.note} role="status">
            {t('discover.radio.over')}
          </p>
        )}
        {body()}
        {open && (shown || deck.canUndo()) && (
          <Choices
            person={card?.person}
            likesLeft={state.likesLeft}
            canUndo={deck.canUndo()}
            onChoose={choose}
            onUndo={undo}
          />
        )}
      </Page>
      {self && <Filters open={filtering} onOpenChange={setFiltering} me={self} />}
      <Sheet
        open={asking}
        onOpenChange={setAsking}
        alert
        title={t('discover.radio.ask')}
        actions={
          <>
            <Button
              look="primary"
              large
              full
              onClick={() => {
                session.leave()
                setAsking(false)
                radio.start()
              }}
            >
              {t('discover.radio.leave')}
            </Button>
            <Button large full onClick={() => setAsking(false)}>
              {t('discover.radio.stay')}
            </Button>
          </>
        }
      />
    </div>
  )
}

function RadioKeys({ card }: { card: DiscoverCard }) {
  const { t } = useTranslation()
  const { status } = useClip(recordingFor(card) ?? { key: '', url: '' })
  const again = () => {
    const now = topRecording()
    if (now) player.seek(now, 0)
  }
  const plays = status === 'playing' || status === 'loading'
  return (
    <div className={styles.keys} role="toolbar" aria-label={t('player.keys')}>
      <IconButton look="quiet" icon={RotateCcw} label={t('discover.radio.again')} onClick={again} />
      <IconButton
        look="quiet"
        className={styles.big}
        icon={plays ? Pause : Play}
        label={t(plays ? 'player.pause' : 'player.play')}
        onClick={toggle}
      />
      <IconButton look="quiet" icon={SkipForward} label={t('player.next')} onClick={radio.next} />
    </div>
  )
}

/** Where a key already means something else. */
const taken = 'input, textarea, select, [role=slider], [role=dialog], [role=alertdialog]'

function useKeys({ choose, undo }: { choose(choice: Choice): boolean; undo(): void }) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
      const at = event.target instanceof Element ? event.target : undefined
      if (at?.closest(taken) || !deck.get().cards[0]) return
      switch (letter(event) ?? event.key) {
        case 'ArrowRight':
        case 'l':
          choose('like')
          break
        case 'ArrowLeft':
          choose('pass')
          break
        case 'u':
          undo()
          break
        case ' ':
          if (at?.closest('button, a')) return
          toggle()
          break
        default:
          return
      }
      event.preventDefault()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [choose, undo])
}
