import { Link, useRouter } from '@tanstack/react-router'
import { Settings } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { api, Problem, type ReplayPage as Replay, type ReplayLine } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { dayAndTime, dayTitle } from '../../i18n/times'
import {
  AuraStill,
  Button,
  EmptyState,
  IconButton,
  mood,
  Page,
  Quiet,
  Skeleton,
  useStore,
} from '../../ui'
import { playReplay, type ReplayPlayer } from '../../voice/replay'
import { Controls, useAt } from './Controls'
import { OwnSheet } from './OwnSheet'
import styles from './Replay.module.css'
import { path, useReplay } from './replays'
import { clock } from './words'

/** How often one's place is kept while it plays. */
const MARK_MS = 10_000

/** A replay: the voices of a room in step, and what was written beside them. */
export function ReplayPage({ replay: id }: { replay: string }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const router = useRouter()
  const read = useReplay(id)
  const toAll = () => void router.navigate({ to: '/replays', replace: true })
  const back = () => (router.history.canGoBack() ? router.history.back() : toAll())
  const problem = read.error && Problem.of(read.error)
  if (read.data && !problem) {
    return (
      <Shown
        replay={read.data}
        onBack={back}
        onGone={toAll}
        onChanged={() => void read.refetch()}
      />
    )
  }
  return (
    <Page title={t('replay.one')} onBack={back}>
      {!problem ? (
        <div aria-busy="true" className={styles.page}>
          <Skeleton width="50%" height="1rem" />
          <Skeleton width="100%" height="8rem" />
          <Skeleton width="90%" height="1rem" />
        </div>
      ) : (
        <EmptyState
          title={say(problem)}
          art={<Quiet seed="replay-lost" size={220} />}
          action={
            problem.status === 404 ? (
              <Button look="primary" onClick={toAll}>
                {t('replay.toAll')}
              </Button>
            ) : (
              <Button look="primary" onClick={() => void read.refetch()}>
                {t('common.retry')}
              </Button>
            )
          }
        />
      )}
    </Page>
  )
}

function Shown({
  replay,
  onBack,
  onGone,
  onChanged,
}: {
  replay: Replay
  onBack(): void
  onGone(): void
  /** What is shown is no more what there is. */
  onChanged(): void
}) {
  const { t } = useTranslation()
  const [menu, setMenu] = useState(false)
  const sound = useReplayPlayer(replay, onChanged)
  const own = replay.hosts || replay.keeps
  return (
    <Page
      title={<bdi>{replay.title}</bdi>}
      lead={
        <span className="numbers">
          {[
            t(`category.${replay.category}`),
            dayAndTime(replay.began_at, Date.now()),
            clock(replay.ms),
          ].join(' · ')}
        </span>
      }
      onBack={onBack}
      aside={
        own && <IconButton icon={Settings} label={t('replay.menu')} onClick={() => setMenu(true)} />
      }
      side={
        <div className={styles.side} {...mood(replay.category)}>
          <Lines replay={replay} player={sound} />
        </div>
      }
    >
      <div className={styles.page} {...mood(replay.category)}>
        {replay.state === 'draft' && <Draft replay={replay} onOpen={() => setMenu(true)} />}
        <Speakers replay={replay} player={sound} />
        <Controls replay={replay} player={sound} />
        <div className={styles.phone}>
          <Lines replay={replay} player={sound} />
        </div>
        <p className={styles.hint}>
          {replay.state === 'published' && (
            <span>{t('replay.until', { day: dayTitle(replay.expires_at, Date.now()) })}</span>
          )}
          {replay.club && (
            <>
              {replay.state === 'published' && <span>{' · '}</span>}
              <Link to="/clubs/$club" params={{ club: replay.club.id }} className={styles.club}>
                <bdi>{replay.club.name}</bdi>
              </Link>
            </>
          )}
        </p>
      </div>
      <OwnSheet
        open={menu}
        onOpenChange={setMenu}
        replay={replay}
        at={() => Math.round(sound.at())}
        onGone={onGone}
      />
    </Page>
  )
}

/** The player of a replay. Where it was left is kept by the server, for the next time. */
function useReplayPlayer(replay: Replay, onChanged: () => void): ReplayPlayer {
  const parts = replay.parts
  const changed = useRef(onChanged)
  changed.current = onChanged
  const [sound] = useState(() =>
    playReplay(replay.id, parts, replay.mark ?? 0, () => changed.current()),
  )
  useEffect(() => sound.setParts(parts), [sound, parts])
  useEffect(() => {
    let kept = Math.round(sound.at())
    const keep = () => {
      const at = Math.round(sound.at())
      if (at === kept) return
      kept = at
      // Without an answer the place before is found the next time.
      void api
        .PUT('/api/replays/{replay}/mark', { ...path(replay.id), body: { at } })
        .catch(() => undefined)
    }
    const every = setInterval(keep, MARK_MS)
    const undo = sound.subscribe(() => sound.get().status === 'paused' && keep())
    return () => {
      clearInterval(every)
      sound.close()
      undo()
    }
  }, [sound, replay.id])
  return sound
}

function Draft({ replay, onOpen }: { replay: Replay; onOpen(): void }) {
  const { t } = useTranslation()
  return (
    <section className={styles.draft}>
      <p>
        {t(replay.hosts ? 'replay.draftHost' : 'replay.draftSpeaker', {
          name: isolate(replay.host.name),
          day: dayTitle(replay.expires_at, Date.now()),
        })}
      </p>
      {replay.hosts && <Button onClick={onOpen}>{t('replay.publish.open')}</Button>}
    </section>
  )
}

/** Who is heard: light is on those who speak now. */
function Speakers({ replay, player }: { replay: Replay; player: ReplayPlayer }) {
  const { t } = useTranslation()
  const { speaking } = useStore(player)
  return (
    <ul className={styles.speakers} aria-label={t('replay.speakers')}>
      {replay.speakers.map((person) => (
        <li key={person.id} data-speaking={speaking.includes(person.id) || undefined}>
          <span className={styles.aura}>
            <AuraStill person={person} size={replay.speakers.length > 4 ? 56 : 84} />
          </span>
          <bdi className="cut">{person.name}</bdi>
        </li>
      ))}
    </ul>
  )
}

/** Chapters, then what was written and pinned, at its time. */
function Lines({ replay, player }: { replay: Replay; player: ReplayPlayer }) {
  const { t } = useTranslation()
  const at = useAt(player)
  const chapters = replay.lines.filter((line) => line.kind === 'chapter')
  const others = replay.lines.filter((line) => line.kind !== 'chapter')
  const current = chapters.findLast((line) => Math.max(line.at, player.begin) <= at)
  return (
    <>
      {chapters.length > 1 && (
        <section className={styles.section} aria-labelledby="replay-chapters">
          <h2 id="replay-chapters">{t('replay.chapters')}</h2>
          <ul className={styles.lines}>
            {chapters.map((line) => (
              <li key={line.id}>
                <button
                  type="button"
                  className={styles.chapter}
                  aria-current={line === current || undefined}
                  onClick={() => player.seek(line.at)}
                >
                  <span className="numbers">{clock(line.at - player.begin)}</span>
                  <span dir="auto">{line.text}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {others.length > 0 && (
        <section className={styles.section} aria-labelledby="replay-chat">
          <h2 id="replay-chat">{t('replay.chat')}</h2>
          <ul className={styles.lines}>
            {others.map((line) => (
              <Line key={line.id} line={line} begin={player.begin} passed={line.at <= at} />
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function Line({ line, begin, passed }: { line: ReplayLine; begin: number; passed: boolean }) {
  const { t } = useTranslation()
  const address = line.kind === 'link' && URL.canParse(line.text) ? new URL(line.text) : undefined
  return (
    <li className={styles.line} data-passed={passed || undefined}>
      <span className="numbers">{clock(line.at - begin)}</span>
      <p dir="auto">
        {line.person && <bdi className={styles.author}>{line.person.name}</bdi>}
        {address?.protocol === 'https:' ? (
          <a href={line.text} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
            <span className="only-heard">{t('room.edit.link')}</span>
            <span>{line.text}</span>
          </a>
        ) : (
          <span>{line.text}</span>
        )}
      </p>
    </li>
  )
}
