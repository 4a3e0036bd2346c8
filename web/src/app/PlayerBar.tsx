import { Link, useMatchRoute } from '@tanstack/react-router'
import { Pause, Play, X } from 'lucide-react'
import { useEffect } from 'react'
import { me } from '../api'
import { useTranslation } from '../i18n'
import { moodOf } from '../people'
import { forgetMoment } from '../realtime/moments'
import { AuraStill, IconButton, toast, useStore } from '../ui'
import { followMediaKeys } from '../voice/mediaKeys'
import { player } from '../voice/player'
import { Docked } from './Docked'
import styles from './Docked.module.css'

/** Whoever comes next hears nothing of it. */
me.subscribe(() => {
  if (me.get().status === 'out') player.drop()
})

/** The recording that plays on while its person walks around, where it is not on the screen itself. */
export function PlayerBar() {
  const { t } = useTranslation()
  const { recording, status } = useStore(player)
  const matchRoute = useMatchRoute()

  useEffect(() => followMediaKeys(player), [])
  useEffect(() => {
    let before = player.get().recording
    return player.subscribe(() => {
      const now = player.get()
      if (now.problem?.code === 'moment.none' && before?.moment !== undefined) {
        // Removed or over: the next one.
        const next = before.next?.()
        forgetMoment(before.moment)
        if (next) void player.play(next)
        before = player.get().recording
        return
      }
      // What has no title is told where it is.
      if (now.problem && before?.title !== undefined) toast({ text: () => t('people.notPlayed') })
      before = now.recording
    })
  }, [t])

  const person = recording?.person
  if (!recording?.title || !person) return null
  const here = { person: person.id }
  const shown = recording.moment
    ? matchRoute({ to: '/moments/$person' }) !== false
    : matchRoute({ to: '/chats/$person', params: here }) !== false ||
      (!recording.message && matchRoute({ to: '/chats/$person/profile', params: here }) !== false)
  if (shown) return null
  const plays = status === 'playing' || status === 'loading'
  return (
    <Docked what="player" label={t('chats.voice.bar')} mood={moodOf(person)}>
      <Link
        to={recording.moment ? '/moments/$person' : '/chats/$person'}
        params={here}
        viewTransition
        className={styles.way}
      >
        <AuraStill person={person} size={44} />
        <span className={styles.words}>
          <bdi className={`${styles.name} cut`} aria-hidden>
            {person.name}
          </bdi>
          <span className={`${styles.state} cut`}>{recording.title}</span>
        </span>
      </Link>
      <IconButton
        label={t(plays ? 'discover.radio.pause' : 'discover.radio.play')}
        icon={plays ? Pause : Play}
        onClick={() => (plays ? player.pause() : void player.play(recording))}
      />
      <IconButton label={t('common.close')} icon={X} onClick={() => player.stop()} />
    </Docked>
  )
}
