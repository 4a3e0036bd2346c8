import { Pause, Play } from 'lucide-react'
import { type CSSProperties, useEffect, useRef, useState } from 'react'
import type { Call, Me } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useClip } from '../../people'
import { Aura, Icon } from '../../ui'
import { level } from '../../voice/levels'
import { player } from '../../voice/player'
import styles from './Approach.module.css'
import { useNow } from './time'
import { useStage } from './useStage'

const ANSWER_MS = 15_000
const RING_MS = 30_000

/** Closer with every second, in a ring that gets thinner. */
export function Approach({ me, call, size }: { me: Me; call: Call; size: number }) {
  const { t } = useTranslation()
  const now = useNow(500)
  const total = call.kind === 'direct' ? RING_MS : ANSWER_MS
  const left = Math.min(total, Math.max(0, (call.deadline_at ?? now) - now))
  // Taken once: from then on the stylesheet's own clock runs.
  const [passed] = useState(() => total - left)
  const taste = useTaste(call)
  const seconds = Math.ceil(left / 1000)
  const style = {
    '--total': `${total}ms`,
    '--passed': `-${passed}ms`,
    '--left': seconds / (total / 1000),
  } as CSSProperties
  return (
    <div className={styles.approach} style={style}>
      <span className={styles.me}>
        <Aura person={me} size={Math.round(size * 0.8)} level={() => level(me.id)} />
      </span>
      <span className={styles.them}>
        <svg className={styles.fuse} viewBox="-50 -50 100 100" aria-hidden>
          <circle r="46" pathLength="100" />
        </svg>
        <Aura person={call.person} size={size} level={taste?.level} />
        {taste && (
          <button
            type="button"
            className={styles.taste}
            aria-label={t(taste.plays ? 'call.proposal.stop' : 'call.proposal.play', {
              name: isolate(call.person.name),
            })}
            onClick={taste.toggle}
          >
            <Icon of={taste.plays ? Pause : Play} size={28} />
          </button>
        )}
      </span>
      <p className={`${styles.seconds} numbers`} role="timer" aria-label={t('call.proposal.left')}>
        {seconds}
      </p>
    </div>
  )
}

/** The first seconds of their intro, which is all the server gives: by themselves where the browser lets them, else with a tap. */
function useTaste(call: Call) {
  const { intro } = call.person
  const stage = useStage()
  // A friend is known already, and a room would hear two things at once.
  const unasked = call.kind === 'match' && !stage && navigator.userActivation?.hasBeenActive
  const recording =
    intro === undefined ? undefined : ({ key: intro, url: intro, taste: true } as const)
  const clip = useClip(recording ?? { key: '', url: '' })
  const plays = clip.status === 'playing' || clip.status === 'loading'

  const wanted = useRef(recording)
  wanted.current = recording
  useEffect(() => {
    if (unasked && wanted.current) void player.play(wanted.current)
    return () => {
      // By now what gave way to the call may play on.
      if (player.get().recording?.taste) player.stop()
    }
  }, [unasked])
  return recording ? { plays, level: clip.level, toggle: clip.toggle } : undefined
}
