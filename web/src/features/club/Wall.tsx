import { Pause, Play } from 'lucide-react'
import { answer, api, type ClubVoice } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { type Renew, recordingOf, useClip, usePages } from '../../people'
import { AuraStill, Button, Icon, More, Skeleton, useStore } from '../../ui'
import { player, type Recording } from '../../voice/player'
import styles from './Club.module.css'

/** A breath between two voices. */
const breathMs = 800

/** How the members sound: each by a tap, or all one after another, in the one player. */
export function Wall({ club }: { club: string }) {
  const { t } = useTranslation()
  const list = usePages(['club', club, 'voices'], (page) =>
    answer(
      api.GET('/api/clubs/{club}/voices', {
        params: { path: { club }, query: { ...page, limit: 24 } },
      }),
    ),
  )
  const state = useStore(player)
  const voices = list.data?.pages.flatMap((page) => page.voices) ?? []
  const { refetch } = list

  /** A voice as the player knows it: one plays on to the next. */
  const recording = (voice: ClubVoice): Recording => {
    const renew: Renew = async () => {
      const pages = (await refetch()).data?.pages.flatMap((page) => page.voices)
      return pages?.find((one) => one.person.id === voice.person.id)?.clip.url
    }
    const beside = (step: 1 | -1) => () => {
      const at = voices.findIndex((one) => one.person.id === voice.person.id)
      const other = at < 0 ? undefined : voices[at + step]
      return other && recording(other)
    }
    return recordingOf(voice.clip, renew, {
      title: t('people.introOf', { name: isolate(voice.person.name) }),
      person: voice.person,
      afterMs: breathMs,
      next: beside(1),
      previous: beside(-1),
    })
  }

  if (list.isPending) return <Skeleton height="6rem" />
  const [first] = voices
  if (!first) return null
  const keys = new Set(voices.map((voice) => recordingOf(voice.clip).key))
  const plays =
    state.key !== undefined && keys.has(state.key) && ['playing', 'loading'].includes(state.status)

  return (
    <section className={styles.section} aria-labelledby="club-voices">
      <div className={styles.titled}>
        <h2 id="club-voices">{t('club.voices.title')}</h2>
        <Button
          look="plain"
          icon={plays ? Pause : Play}
          onClick={() => (plays ? player.pause() : void player.play(recording(first)))}
        >
          {t(plays ? 'club.voices.stop' : 'club.voices.play')}
        </Button>
      </div>
      <ul className={styles.wall}>
        {voices.map((voice) => (
          <li key={voice.person.id}>
            <Voice voice={voice} recording={recording(voice)} />
          </li>
        ))}
      </ul>
      <More of={list} />
    </section>
  )
}

function Voice({ voice, recording }: { voice: ClubVoice; recording: Recording }) {
  const { t } = useTranslation()
  const clip = useClip(recording)
  const plays = clip.status === 'playing' || clip.status === 'loading'
  const name = isolate(voice.person.name)
  return (
    <button
      type="button"
      className={styles.voice}
      data-on={plays || undefined}
      aria-label={t(plays ? 'club.voices.stopOne' : 'club.voices.playOne', { name })}
      aria-pressed={plays}
      onClick={clip.toggle}
    >
      <span className={styles.light}>
        <AuraStill person={voice.person} size={72} />
        <span className={styles.sign}>
          <Icon of={plays ? Pause : Play} size={16} />
        </span>
      </span>
      <bdi className="cut">{voice.person.name}</bdi>
    </button>
  )
}
