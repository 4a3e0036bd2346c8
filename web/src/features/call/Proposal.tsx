import * as Dialog from '@radix-ui/react-dialog'
import { Pause, Play } from 'lucide-react'
import { type CSSProperties, useEffect, useRef, useState } from 'react'
import type { Call, Me } from '../../api'
import { apart, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { moodOf, recordingOf, useClip, useWords } from '../../people'
import { Aura, Button, Icon, toast, useDesk } from '../../ui'
import { calls } from '../../voice/calls'
import { clips } from '../../voice/clips'
import { level } from '../../voice/levels'
import styles from './Call.module.css'
import { useNow } from './time'
import { useStage } from './useStage'

/** As much of an intro as fits into the time there is to say yes. */
const TASTE_MS = 5000
const ANSWER_MS = 15_000
const RING_MS = 30_000

/** Somebody is there, or a friend calls: two auras approach until it is too late. Over every page. */
export function Proposal({ me, call, onYes }: { me: Me; call: Call; onYes(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const words = useWords()
  const desk = useDesk()
  const stage = useStage()
  const content = useRef<HTMLDivElement>(null)
  const direct = call.kind === 'direct'
  const { person } = call
  const name = apart(person.name)
  const size = desk ? 300 : 236

  async function yes() {
    clips.stop()
    onYes()
    const problem = await calls.accept()
    if (problem) toast({ text: say(problem) })
  }

  return (
    <Dialog.Root open>
      <Dialog.Portal>
        <Dialog.Content
          ref={content}
          className={styles.proposal}
          // Whoever is writing must not say yes with the next letter, nor no with Escape.
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            content.current?.focus()
          }}
          onEscapeKeyDown={(event) => event.preventDefault()}
          onInteractOutside={(event) => event.preventDefault()}
          {...moodOf(person)}
        >
          <Approach me={me} call={call} size={size} />
          <div className={styles.proposed}>
            <Dialog.Title className={styles.title} data-long={person.name.length > 24 || undefined}>
              {direct ? t('call.ring.in', { name }) : t('call.proposal.title', { name })}
            </Dialog.Title>
            <Dialog.Description className={styles.facts}>
              {!direct && t('call.proposal.age', { from: call.age_from, to: call.age_to })}
              {!direct && person.verified && <> · {t('people.badge.verified')}</>}
              {stage && (
                <span className={styles.gives}>
                  {t(stage.seated ? 'call.proposal.stage' : 'call.proposal.room', {
                    title: apart(stage.title),
                  })}
                </span>
              )}
            </Dialog.Description>
            {call.shared.length > 0 && !direct && (
              <ul className={styles.shared} aria-label={t('call.proposal.shared')}>
                {call.shared.slice(0, 3).map((key) => (
                  <li key={key}>{words.interest(key)}</li>
                ))}
              </ul>
            )}
            {person.resident && <p className={styles.quiet}>{t('call.proposal.resident')}</p>}
          </div>
          <div className={styles.answer}>
            <Button look="primary" large full onClick={() => void yes()}>
              {direct ? t('call.ring.answer') : t('call.proposal.yes')}
            </Button>
            <Button
              large
              full
              onClick={() => {
                clips.stop()
                void calls.decline()
              }}
            >
              {t('call.proposal.no')}
            </Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** Closer with every second, in a ring that gets thinner. */
function Approach({ me, call, size }: { me: Me; call: Call; size: number }) {
  const { t } = useTranslation()
  const now = useNow(500)
  const total = call.kind === 'direct' ? RING_MS : ANSWER_MS
  const left = Math.max(0, (call.deadline_at ?? now) - now)
  // Taken once: from then on the stylesheet's own clock runs.
  const [passed] = useState(() => total - Math.min(total, left))
  const taste = useTaste(call)
  const style = { '--total': `${total}ms`, '--passed': `-${passed}ms` } as CSSProperties
  return (
    <div className={styles.approach} style={style}>
      <span className={styles.approachMe}>
        <Aura person={me} size={Math.round(size * 0.8)} level={() => level(me.id)} />
      </span>
      <span className={styles.approachThem}>
        <svg className={styles.fuse} viewBox="-50 -50 100 100" aria-hidden>
          <circle r="46" pathLength="100" />
        </svg>
        <Aura person={call.person} size={size} level={taste?.level} />
        {taste && (
          <button
            type="button"
            className={styles.taste}
            aria-label={t(taste.plays ? 'call.proposal.stop' : 'call.proposal.play', {
              name: apart(call.person.name),
            })}
            onClick={taste.toggle}
          >
            <Icon of={taste.plays ? Pause : Play} size={28} />
          </button>
        )}
      </span>
      <p className={`${styles.seconds} numbers`} role="timer" aria-label={t('call.proposal.left')}>
        {Math.ceil(left / 1000)}
      </p>
    </div>
  )
}

/** The first seconds of their intro: by themselves where the browser lets them, else with a tap. */
function useTaste(call: Call) {
  const intro = call.person.clips.find((clip) => clip.place === 0)
  const stage = useStage()
  // A friend is known already, and a room would hear two things at once.
  const unasked = call.kind === 'match' && !stage && navigator.userActivation?.hasBeenActive
  const recording = intro && recordingOf(intro)
  const clip = useClip(recording ?? { key: '', url: '' })
  const plays = clip.status === 'playing' || clip.status === 'loading'

  const wanted = useRef(recording)
  wanted.current = recording
  useEffect(() => {
    if (unasked && wanted.current) void clips.play(wanted.current)
    return () => clips.stop()
  }, [unasked])
  useEffect(() => {
    if (clip.status !== 'playing') return
    const timer = setTimeout(() => clips.stop(), TASTE_MS)
    return () => clearTimeout(timer)
  }, [clip.status])

  return recording ? { plays, level: clip.level, toggle: clip.toggle } : undefined
}
