import { Pause, Play } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react'
import { useTranslation } from '../../i18n'
import { clock, thinned, useClip } from '../../people'
import { Icon, useStore, Waveform } from '../../ui'
import { player, type Recording } from '../../voice/player'
import { rates } from '../../voice/rate'
import styles from './VoiceMessage.module.css'

const BARS = 36
/** One key goes so far, as a share. */
const STEP = 0.05

const elapsed = (ms: number) => {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** A voice message: its waveform, which fills as it plays and seeks, and its text one tap away. */
export function VoiceMessage({
  recording,
  ms,
  peaks,
  text = '',
  unheard,
  synthetic,
}: {
  recording: Recording
  ms: number
  peaks: readonly number[]
  /** The text alternative; empty: there is none. */
  text?: string
  /** This person has not listened to it yet. */
  unheard?: boolean
  /** No human has said it. */
  synthetic?: boolean
}) {
  const { t } = useTranslation()
  const { rate } = useStore(player)
  const [reads, setReads] = useState(false)
  const voice = useClip(recording)
  const plays = voice.status === 'playing' || voice.status === 'loading'
  const here = voice.status !== 'idle'
  const time = clock(ms)
  return (
    <div className={styles.voice} data-here={here || undefined}>
      <div className={styles.line}>
        <button
          type="button"
          className={styles.play}
          data-play=""
          data-unheard={unheard || undefined}
          aria-busy={voice.status === 'loading' || undefined}
          aria-label={plays ? t('chats.voice.pause') : t('chats.voice.play', { time })}
          onClick={voice.toggle}
        >
          <Icon of={plays ? Pause : Play} size={20} />
        </button>
        <Seeker peaks={peaks} ms={ms} progress={voice.progress} onSeek={voice.seek} />
        <span className={`${styles.time} numbers`} aria-hidden>
          {here ? elapsed(voice.progress * ms) : time}
        </span>
      </div>
      <div className={styles.below}>
        {unheard && <span className={styles.unheard}>{t('chats.voice.unheard')}</span>}
        {synthetic && <span>{t('chats.voice.synthetic')}</span>}
        {here && (
          <button
            type="button"
            className={`${styles.way} numbers`}
            aria-label={t('chats.voice.rate', { rate })}
            onClick={() => player.setRate(rates[(rates.indexOf(rate) + 1) % rates.length] ?? 1)}
          >
            {`${rate.toLocaleString(document.documentElement.lang || undefined)}×`}
          </button>
        )}
        {text !== '' && (
          <button
            type="button"
            className={styles.way}
            aria-expanded={reads}
            onClick={() => setReads(!reads)}
          >
            {t('chats.voice.text')}
          </button>
        )}
      </div>
      {reads && text !== '' && (
        <p dir="auto" className={styles.text}>
          {text}
        </p>
      )}
    </div>
  )
}

/** The waveform as a slider. */
function Seeker({
  peaks,
  ms,
  progress,
  onSeek,
}: {
  peaks: readonly number[]
  ms: number
  progress: number
  onSeek(to: number): void
}) {
  const { t } = useTranslation()
  const levels = useMemo(() => thinned(peaks, BARS), [peaks])
  const [finger, setFinger] = useState<number>()
  const at = finger ?? progress
  const now = useRef(at)
  now.current = at
  const [heard] = useState(() => () => now.current)

  const pointed = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const part = (event.clientX - box.left) / Math.max(1, box.width)
    const to = getComputedStyle(event.currentTarget).direction === 'rtl' ? 1 - part : part
    return Math.min(1, Math.max(0, to))
  }
  const key = (event: KeyboardEvent) => {
    const on = document.documentElement.dir === 'rtl' ? -STEP : STEP
    const to = {
      ArrowLeft: at - on,
      ArrowDown: at - STEP,
      ArrowRight: at + on,
      ArrowUp: at + STEP,
      Home: 0,
      End: 1,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    onSeek(Math.min(0.999, Math.max(0, to)))
  }
  return (
    <div
      className={styles.wave}
      role="slider"
      tabIndex={0}
      aria-label={t('chats.voice.seek')}
      aria-valuemin={0}
      aria-valuemax={Math.round(ms / 1000)}
      aria-valuenow={Math.round((at * ms) / 1000)}
      aria-valuetext={t('chats.voice.at', { at: elapsed(at * ms), time: clock(ms) })}
      onKeyDown={key}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        // A long press of the message is something else.
        event.stopPropagation()
        event.currentTarget.setPointerCapture(event.pointerId)
        setFinger(pointed(event))
      }}
      onPointerMove={(event) => finger !== undefined && setFinger(pointed(event))}
      onPointerUp={(event) => {
        if (finger === undefined) return
        onSeek(pointed(event))
        setFinger(undefined)
      }}
      onPointerCancel={() => setFinger(undefined)}
    >
      <Waveform levels={levels} progress={heard} />
    </div>
  )
}
