import { Mic, Pause, Play, Square } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Problem } from '../api'
import { inOneLine, range, useTranslation } from '../i18n'
import { useProblemText } from '../i18n/problem'
import { limits } from '../i18n/vocabulary.gen'
import {
  Button,
  browserOf,
  Icon,
  LiveWaveform,
  type Parts,
  Trouble,
  useStore,
  Waveform,
} from '../ui'
import { player } from '../voice/player'
import { newRecorder, type Recorder as Recording, type Take } from '../voice/recorder'
import { levelsOf } from '../voice/recorder-sound'
import { useSession } from '../voice/session'
import { route } from '../voice/speaker'
import styles from './Recorder.module.css'

const mostMs = limits.introMostSeconds * 1000

/** What is not a clip but a few words: shorter, with words of its own. */
interface Brief {
  /** Less than this is nothing yet, milliseconds. */
  least: number
  /** Before one begins. */
  hint: string
  /** After too little. */
  short: string
}

/**
 * Says something in one's own voice: record, listen, again, send. What was said stays until it has
 * arrived.
 */
export function Recorder({
  card,
  action,
  send,
  brief,
}: {
  /** What to say; told to keep still while it is being answered. */
  card(still: boolean): Parts
  /** What sending is called here. */
  action: string
  send(sound: Blob): Promise<void>
  brief?: Brief
}) {
  const [recorder, setRecorder] = useState<Recording>()
  const least = brief?.least
  useEffect(() => {
    const made = newRecorder(least === undefined ? undefined : { least, most: mostMs })
    setRecorder(made)
    return () => made.close()
  }, [least])
  return recorder ? (
    <Desk recorder={recorder} card={card} action={action} send={send} brief={brief} />
  ) : null
}

function Desk({
  recorder,
  card,
  action,
  send,
  brief,
}: {
  recorder: Recording
  card(still: boolean): Parts
  action: string
  send(sound: Blob): Promise<void>
  brief?: Brief
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const state = useStore(recorder)
  const room = useSession()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const take = state.at === 'taken' ? state.take : undefined
  const heard = useListening(take)
  const inRoom = room.status === 'live' && room.you.seat !== undefined

  async function publish(of: Take) {
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    heard.stop()
    try {
      await send(await of.file())
    } catch (thrown) {
      setProblem(Problem.of(thrown))
    } finally {
      setBusy(false)
    }
  }

  function begin() {
    setProblem(undefined)
    player.stop()
    void recorder.start()
  }

  const missed =
    state.at === 'missed' &&
    (state.why === 'short' && brief ? brief.short : t(`recorder.${state.why}`))
  const seconds = range(limits.introLeastSeconds, limits.introMostSeconds)
  const still = state.at === 'recording' || state.at === 'asking' || state.at === 'taken'
  const round = {
    ready: { icon: Mic, name: t('recorder.record'), press: begin },
    asking: { icon: Mic, name: t('recorder.record'), press: () => {} },
    refused: { icon: Mic, name: t('recorder.record'), press: begin },
    missed: { icon: Mic, name: t('recorder.record'), press: begin },
    recording: { icon: Square, name: t('recorder.stop'), press: recorder.stop },
    taken: heard.playing
      ? { icon: Pause, name: t('recorder.pause'), press: heard.toggle }
      : { icon: Play, name: t('recorder.listen'), press: heard.toggle },
  }[state.at]

  return (
    <div className={styles.recorder} data-at={state.at}>
      {card(still)}
      <div className={styles.sound}>
        {state.at === 'recording' && <LiveWaveform bars={recorder.bars} />}
        {take && <TakeWave take={take} progress={heard.progress} />}
        {state.at === 'ready' && (
          <p className={styles.hint}>
            {inRoom ? t('recorder.mutes') : (brief?.hint ?? t('recorder.hint', { seconds }))}
          </p>
        )}
        {state.at === 'asking' && <p className={styles.hint}>{t('recorder.asking')}</p>}
        {missed && <p className={styles.said}>{missed}</p>}
        {state.at === 'refused' && <Refused why={state.why} />}
      </div>
      <div className={take ? styles.control : styles.begin}>
        <Clock recorder={recorder} state={state.at} take={take} progress={heard.progress} />
        <Round
          recorder={recorder}
          live={state.at === 'recording'}
          primary={take === undefined}
          {...round}
        />
        <p className={styles.word} aria-hidden>
          {round.name}
        </p>
      </div>
      <p className="only-heard" role="status">
        {state.at === 'recording'
          ? t('recorder.said.recording')
          : take
            ? t('recorder.said.taken', { seconds: Math.round(take.ms / 1000) })
            : missed}
      </p>
      {take && (
        <div className={styles.actions}>
          {state.at === 'taken' && state.cut && (
            <p className={styles.hint}>
              {t(state.cut === 'left' ? 'recorder.cut' : 'recorder.interrupted')}
            </p>
          )}
          <Trouble>{problem && say(problem)}</Trouble>
          <Button look="primary" large full busy={busy} onClick={() => void publish(take)}>
            {action}
          </Button>
          <Button
            look="plain"
            full
            onClick={() => {
              heard.stop()
              setProblem(undefined)
              recorder.again()
            }}
          >
            {t('recorder.again')}
          </Button>
        </div>
      )}
    </div>
  )
}

const BARS = 56

function TakeWave({ take, progress }: { take: Take; progress: () => number }) {
  const [levels] = useState(() => levelsOf(take.bars, Math.min(BARS, take.bars.length)))
  return <Waveform levels={levels} progress={progress} />
}

function Refused({ why }: { why: 'denied' | 'missing' | 'insecure' | 'unable' | 'stuck' }) {
  const { t } = useTranslation()
  if (why !== 'denied') return <p className={styles.said}>{t(`recorder.refused.${why}`)}</p>
  const browser = browserOf(navigator.userAgent, navigator.maxTouchPoints)
  return (
    <p className={styles.said} role="alert">
      {inOneLine([t('recorder.refused.denied'), t(`mic.how.${browser}`)])}
    </p>
  )
}

/** The one big control. Its rim is the level of the microphone. */
function Round({
  recorder,
  live,
  primary,
  icon,
  name,
  press,
}: {
  recorder: Recording
  live: boolean
  primary: boolean
  icon: typeof Mic
  name: string
  press(): void
}) {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    const element = button.current
    if (!element || !live) return
    let frame = 0
    let shown = 0
    const draw = () => {
      const level = recorder.level()
      shown = level > shown ? level : shown + (level - shown) * 0.14
      element.style.setProperty('--level', shown.toFixed(3))
      frame = requestAnimationFrame(draw)
    }
    draw()
    return () => {
      cancelAnimationFrame(frame)
      element.style.setProperty('--level', '0')
    }
  }, [recorder, live])
  return (
    <button
      ref={button}
      type="button"
      data-primary={primary || undefined}
      className={styles.round}
      aria-label={name}
      onClick={press}
    >
      <Icon of={icon} size={28} />
    </button>
  )
}

/** How long it has been going, or how far it has been heard. */
function Clock({
  recorder,
  state,
  take,
  progress,
}: {
  recorder: Recording
  state: string
  take: Take | undefined
  progress: () => number
}) {
  const text = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    const element = text.current
    if (!element) return
    const show = () => {
      const ms = take ? progress() * take.ms : recorder.ms()
      element.textContent = `${elapsed(ms)} / ${elapsed(take ? take.ms : mostMs)}`
    }
    show()
    const timer = setInterval(show, 100)
    return () => clearInterval(timer)
  }, [recorder, take, progress])
  return (
    <p
      ref={text}
      className={`${styles.clock} numbers`}
      data-on={state === 'recording' || state === 'taken' || undefined}
      aria-hidden
    />
  )
}

/** Plays what was just said, from this page's memory. */
function useListening(take: Take | undefined) {
  const [playing, setPlaying] = useState(false)
  const element = useRef<HTMLAudioElement | undefined>(undefined)
  const listen = take?.listen
  const length = take?.ms ?? 0

  useEffect(() => {
    if (!listen) return
    const audio = route(new Audio(listen))
    element.current = audio
    audio.onplay = () => setPlaying(true)
    audio.onpause = () => setPlaying(false)
    return () => {
      audio.pause()
      element.current = undefined
      setPlaying(false)
    }
  }, [listen])

  return {
    playing,
    progress: useCallback(
      () => Math.min(1, ((element.current?.currentTime ?? 0) * 1000) / Math.max(1, length)),
      [length],
    ),
    stop: () => element.current?.pause(),
    toggle() {
      const audio = element.current
      if (!audio) return
      player.stop()
      if (audio.paused) audio.play().catch(() => setPlaying(false))
      else audio.pause()
    },
  }
}

/** Whole seconds gone by: "0:07". */
function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
