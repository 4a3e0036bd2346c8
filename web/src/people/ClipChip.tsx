import { Pause, Play } from 'lucide-react'
import type { Clip, Person } from '../api'
import { isolate, useTranslation } from '../i18n'
import { Icon } from '../ui'
import styles from './ClipChip.module.css'
import { type Renew, recordingOf, useClip } from './useClip'
import { usePrompt } from './usePrompt'
import { clock } from './words'

const bars = 32

/** The loudest of each few: a small drawing of the recording. */
export function thinned(peaks: readonly number[], into: number): number[] {
  if (peaks.length === 0) return Array.from({ length: into }, () => 0)
  return Array.from({ length: into }, (_, i) => {
    const from = Math.floor((i * peaks.length) / into)
    const to = Math.max(from + 1, Math.floor(((i + 1) * peaks.length) / into))
    return Math.max(...peaks.slice(from, to)) / 255
  })
}

/** A further recording: the card it answers, its shape, and a tap to hear it. */
export function ClipChip({
  clip,
  renew,
  of,
}: {
  clip: Clip
  renew?: Renew
  /** Whose it is, if it plays on while one walks around. */
  of?: Person
}) {
  const { t } = useTranslation()
  const prompt = usePrompt(clip.prompt)
  const title = of && t('people.introOf', { name: isolate(of.name) })
  const voice = useClip(recordingOf(clip, renew, of && title ? { title, person: of } : undefined))
  const plays = voice.status === 'playing' || voice.status === 'loading'
  const time = clock(clip.ms)
  const words = prompt ?? (clip.place === 0 ? t('people.intro') : t('people.more'))
  return (
    <button
      type="button"
      className={styles.chip}
      data-on={plays || undefined}
      aria-label={t(plays ? 'people.stopClip' : 'people.playClip', { prompt: words, time })}
      onClick={voice.toggle}
    >
      <span className={styles.sign}>
        <Icon of={plays ? Pause : Play} size={20} />
      </span>
      <span className={styles.words}>
        <span className={styles.prompt}>{words}</span>
        <span className={styles.line}>
          <span className={styles.bars} aria-hidden>
            {thinned(clip.peaks, bars).map((peak, i) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: a drawing of fixed length
                key={i}
                data-heard={i / bars < voice.progress || undefined}
                style={{ blockSize: `${Math.round(14 + 86 * peak)}%` }}
              />
            ))}
          </span>
          <span className={`${styles.time} numbers`}>{time}</span>
        </span>
      </span>
    </button>
  )
}
