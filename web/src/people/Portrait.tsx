import { Pause, Play } from 'lucide-react'
import { useMemo } from 'react'
import type { PersonCard } from '../api'
import { isolate, useTranslation } from '../i18n'
import { Aura, AuraRing, artSize, Icon } from '../ui'
import type { Recording } from '../voice/player'
import styles from './Portrait.module.css'
import { type Renew, recordingOf, useClip } from './useClip'
import { clock } from './words'

/** Somebody's aura with their intro around it: a tap in the middle plays it, the ring seeks. */
export function Portrait({
  person,
  size,
  renew,
  level,
  stays,
  about,
}: {
  person: PersonCard
  /** The box, CSS pixels. */
  size: number
  renew?: Renew
  /** What else they say right now, in a room. */
  level?: () => number
  /** It plays on while one walks around. */
  stays?: true
  /** What the player knows of the intro besides. */
  about?: Partial<Recording>
}) {
  const intro = person.clips.find((clip) => clip.place === 0)
  return intro ? (
    <Voiced {...{ person, size, intro, renew, level, stays, about }} />
  ) : (
    <Aura person={person} size={size} level={level} />
  )
}

function Voiced({
  person,
  size,
  intro,
  renew,
  level,
  stays,
  about,
}: Parameters<typeof Portrait>[0] & { intro: PersonCard['clips'][number] }) {
  const { t } = useTranslation()
  const title = t('people.introOf', { name: isolate(person.name) })
  const clip = useClip(recordingOf(intro, renew, stays ? { title, person } : about))
  const peaks = useMemo(() => intro.peaks.map((p) => p / 255), [intro.peaks])
  const plays = clip.status === 'playing' || clip.status === 'loading'
  return (
    <div className={styles.portrait} style={artSize(size)}>
      <AuraRing
        person={person}
        size={size}
        peaks={peaks}
        duration={intro.ms / 1000}
        progress={clip.progress}
        level={() => Math.max(clip.level(), level?.() ?? 0)}
        onSeek={clip.seek}
        label={t('people.seek', { name: isolate(person.name) })}
      />
      <button
        type="button"
        className={styles.play}
        data-on={plays || undefined}
        aria-busy={clip.status === 'loading' || undefined}
        aria-label={t(plays ? 'people.stop' : 'people.play', { time: clock(intro.ms) })}
        onClick={clip.toggle}
      >
        <Icon of={plays ? Pause : Play} size={28} />
      </button>
    </div>
  )
}
