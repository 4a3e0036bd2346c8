import { useNavigate } from '@tanstack/react-router'
import { Pause, Play, SkipBack, SkipForward, Trash2, X } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { api, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { shortTime } from '../../i18n/times'
import { moodOf, SafetyMenu, useClip } from '../../people'
import { forgetMoment } from '../../realtime/moments'
import {
  Aura,
  AuraStill,
  Button,
  EmptyState,
  IconButton,
  Page,
  type Parts,
  Quiet,
  Skeleton,
  toast,
  useStore,
} from '../../ui'
import { player } from '../../voice/player'
import styles from './MomentPage.module.css'
import {
  type Answerable,
  begin,
  firstOf,
  type Item,
  itemsOf,
  sourceOf,
  useRecordings,
} from './playlist'
import { useMoments } from './useMoments'

/** Where a key already means something else. */
const taken = 'input, textarea, select, [role=slider], [role=dialog], [role=alertdialog]'

function measure(): number {
  return Math.round(Math.max(220, Math.min(560, innerWidth * 1.1, innerHeight * 0.6)))
}

function useSize(): number {
  const [size, setSize] = useState(measure)
  useEffect(() => {
    const again = () => setSize(measure())
    addEventListener('resize', again)
    return () => removeEventListener('resize', again)
  }, [])
  return size
}

/** Somebody's moments, one after the other, and then whoever is next. */
export function MomentPage({
  person,
  answer,
}: {
  /** With whom it begins; what plays says whose are shown. */
  person: string
  /** How a moment is answered. */
  answer(item: Answerable, onSent: () => void): ReactNode
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const known = useMoments('known')
  const strangers = useMoments('new')
  const { recording } = useStore(player)
  const [at, setAt] = useState<{ moment: string; person: string }>()
  const plays = recording?.moment
  const speaker = recording?.person?.id
  useEffect(() => {
    if (plays !== undefined && speaker !== undefined) setAt({ moment: plays, person: speaker })
  }, [plays, speaker])

  const whose = at?.person ?? person
  const source = sourceOf(whose)
  const items = itemsOf(whose, source)
  const item = items.find(({ moment }) => moment.id === at?.moment) ?? firstOf(items)
  const close = () => void navigate({ to: source === 'new' ? '/discover' : '/chats' })

  if (item) return <Shown key={item.person.id} {...{ item, items, answer, close, source }} />
  const all = [known.status, strangers.status]
  if (all.includes('loading')) {
    return (
      <Page title={t('moments.rail')} onBack={close}>
        <div aria-busy="true">
          <p className="only-heard">{t('moments.loading')}</p>
          <Skeleton width={260} height={260} round />
        </div>
      </Page>
    )
  }
  const failed = all.some((one) => one !== 'ready')
  return (
    <Page title={t('moments.rail')} onBack={close}>
      <EmptyState
        title={t(failed ? 'moments.error' : 'moments.gone.title')}
        art={<Quiet seed="moment-gone" size={220} />}
        action={
          <Button look="primary" onClick={close}>
            {t('moments.gone.back')}
          </Button>
        }
      >
        {t(failed ? 'chats.error.text' : 'moments.gone.text')}
      </EmptyState>
    </Page>
  )
}

function Shown({
  item,
  items,
  answer,
  close,
  source,
}: {
  item: Item
  items: readonly Item[]
  answer(item: Answerable, onSent: () => void): ReactNode
  close(): void
  source: Parameters<typeof begin>[0]
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const size = useSize()
  const recordingOf = useRecordings()
  const { person, moment, mine } = item
  const recording = recordingOf(item)
  const voice = useClip(recording)
  const plays = voice.status === 'playing' || voice.status === 'loading'
  const name = isolate(person.name)
  const at = items.indexOf(item)
  const [reads, setReads] = useState(false)
  const mood = moodOf(person)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each moment has words of its own.
  useEffect(() => setReads(false), [moment.id])

  // Opened by its address: what follows is what is listed now.
  useEffect(() => {
    if (player.get().recording?.moment === undefined) begin(source)
  }, [source])

  const go = (way: 'next' | 'previous') => {
    const to = recording[way]?.()
    if (to) void player.play(to)
    else if (way === 'next') {
      player.stop()
      close()
    }
  }
  const toggle = voice.toggle

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const on = event.target instanceof Element ? event.target : undefined
      if (on?.closest(taken)) return
      const rtl = document.documentElement.dir === 'rtl'
      switch (event.key) {
        case 'ArrowRight':
          go(rtl ? 'previous' : 'next')
          break
        case 'ArrowLeft':
          go(rtl ? 'next' : 'previous')
          break
        case ' ':
          if (on?.closest('button, a')) return
          toggle()
          break
        case 'Escape':
          close()
          break
        default:
          return
      }
      event.preventDefault()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  })

  async function remove() {
    const after = items[at + 1] ?? items[at - 1]
    try {
      await api.DELETE('/api/moments/{moment}', { params: { path: { moment: moment.id } } })
    } catch (thrown) {
      if (Problem.of(thrown).code !== 'moment.none') {
        toast({ text: say(Problem.of(thrown)) })
        return
      }
    }
    if (player.get().key === recording.key) player.stop()
    forgetMoment(moment.id)
    toast({ text: t('moments.removed') })
    if (!after) close()
  }

  return (
    <section
      className={styles.screen}
      data-whole-screen=""
      data-mood={mood['data-mood']}
      style={mood.style}
      aria-label={mine ? t('moments.yours') : t('moments.of', { name })}
    >
      <header className={styles.head}>
        <ol className={styles.parts} aria-hidden>
          {items.map((one, i) => (
            <li
              key={one.moment.id}
              style={{ '--part': i < at ? 1 : i > at ? 0 : voice.progress } as React.CSSProperties}
            />
          ))}
        </ol>
        <div className={styles.who}>
          <AuraStill person={person} size={44} />
          <div className={styles.words}>
            <h1 className="cut">{mine ? t('moments.yours') : <bdi>{person.name}</bdi>}</h1>
            <p>
              {'heard_by' in moment && <span>{t(`moments.audience.${moment.audience}`)}</span>}
              <time className="numbers" dateTime={new Date(moment.at).toISOString()}>
                {shortTime(moment.at, Date.now())}
              </time>
              {person.resident && <span>{t('chats.voice.synthetic')}</span>}
              <span className="only-heard">
                {t('moments.place', { n: at + 1, count: items.length })}
              </span>
            </p>
          </div>
          {mine ? (
            <IconButton icon={Trash2} label={t('moments.remove')} onClick={() => void remove()} />
          ) : (
            <SafetyMenu person={person} place={`moment:${moment.id}`} />
          )}
          <IconButton icon={X} label={t('common.close')} onClick={close} />
        </div>
      </header>
      <div className={styles.stage}>
        {/* For fingers and pointers: the buttons below do the same. */}
        <button
          type="button"
          className={styles.back}
          tabIndex={-1}
          aria-hidden
          onClick={() => go('previous')}
        />
        <button
          type="button"
          className={styles.on}
          tabIndex={-1}
          aria-hidden
          onClick={() => go('next')}
        />
        <Aura person={person} size={size} level={voice.level} />
        {reads && moment.text !== '' && (
          <p dir="auto" className={styles.text}>
            {moment.text}
          </p>
        )}
      </div>
      <div className={styles.below}>
        <div className={styles.keys} role="toolbar" aria-label={t('player.keys')}>
          <IconButton
            icon={SkipBack}
            label={t('moments.previous')}
            onClick={() => go('previous')}
          />
          <IconButton
            look="quiet"
            className={styles.big}
            icon={plays ? Pause : Play}
            label={t(plays ? 'moments.pause' : 'moments.play')}
            aria-busy={voice.status === 'loading' || undefined}
            onClick={toggle}
          />
          <IconButton icon={SkipForward} label={t('moments.next')} onClick={() => go('next')} />
        </div>
        {moment.text !== '' && (
          <Button look="plain" aria-expanded={reads} onClick={() => setReads(!reads)}>
            {t('chats.voice.text')}
          </Button>
        )}
        {footOf()}
      </div>
    </section>
  )

  function footOf(): Parts {
    if ('heard_by' in moment) {
      return moment.heard_by > 0 ? (
        <p className={styles.note}>{t('moments.heardBy', { count: moment.heard_by })}</p>
      ) : null
    }
    if (!item.chat) return <p className={styles.note}>{t('moments.answer.match')}</p>
    return (
      <div key={moment.id} className={styles.answer}>
        {answer({ ...item, chat: item.chat }, () => void player.play(recording))}
      </div>
    )
  }
}
