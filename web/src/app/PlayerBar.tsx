import { Link, useMatchRoute } from '@tanstack/react-router'
import { Pause, Play, SkipForward, X } from 'lucide-react'
import { useEffect } from 'react'
import { me } from '../api'
import { useTranslation } from '../i18n'
import { moodOf } from '../people'
import { forgetMoment } from '../realtime/moments'
import { AuraStill, IconButton, toast, useStore } from '../ui'
import { ownMediaKeys, playerControls } from '../voice/mediaKeys'
import { player } from '../voice/player'
import { roomControls } from '../voice/roomControls'
import { session } from '../voice/session'
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

  // A room is heard over a recording.
  useEffect(() => ownMediaKeys([roomControls(session), playerControls(player)]), [])
  useEffect(() => {
    let before = player.get().recording
    return player.subscribe(() => {
      const now = player.get()
      const gone = now.problem?.status === 404 || now.problem?.status === 410
      const next = gone ? before?.next?.() : undefined
      if (gone && before?.moment !== undefined) forgetMoment(before.moment)
      // Removed or over: the next one.
      if (next) {
        void player.play(next)
        before = player.get().recording
        return
      }
      // What has no title is told where it is.
      if (now.problem && before?.title !== undefined) {
        const spent = now.problem.code === 'clips.spent'
        toast({ text: () => t(spent ? 'discover.clipsSpent' : 'people.notPlayed') })
      }
      before = now.recording
    })
  }, [t])

  const person = recording?.person
  if (!recording?.title || !person) return null
  const here = { person: person.id }
  const home = recording.radio
    ? '/discover'
    : recording.moment
      ? '/moments/$person'
      : '/chats/$person'
  const shown =
    recording.radio || recording.moment
      ? matchRoute({ to: home }) !== false
      : matchRoute({ to: '/chats/$person', params: here }) !== false ||
        (!recording.message && matchRoute({ to: '/chats/$person/profile', params: here }) !== false)
  if (shown) return null
  const plays = status === 'playing' || status === 'loading'
  return (
    <Docked what="player" label={t('player.bar')} mood={moodOf(person)}>
      <Link to={home} params={here} viewTransition className={styles.way}>
        <AuraStill person={person} size={44} />
        <span className={styles.words}>
          <bdi className={`${styles.name} cut`} aria-hidden>
            {person.name}
          </bdi>
          <span className={`${styles.state} cut`}>{recording.title}</span>
        </span>
      </Link>
      <IconButton
        label={t(plays ? 'player.pause' : 'player.play')}
        icon={plays ? Pause : Play}
        onClick={() => (plays ? player.pause() : void player.play(recording))}
      />
      {recording.radio && recording.next?.() && (
        <IconButton label={t('player.next')} icon={SkipForward} onClick={() => player.go('next')} />
      )}
      <IconButton label={t('common.close')} icon={X} onClick={() => player.stop()} />
    </Docked>
  )
}
