import { Link } from '@tanstack/react-router'
import { Phone } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { me, type Person, type Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { MicCheck, micWasChecked } from '../../people'
import { Button, buttonClass, toast, useStore } from '../../ui'
import { isMissing } from '../../voice/call-state'
import { calls } from '../../voice/calls'
import styles from './Room.module.css'

/** A ring that ends sooner before its deadline was not left to ring. */
const EARLY_MS = 1000

/** Asks somebody in this room for a call of two. Nobody leaves the room before they have said yes. */
export function TalkPrivately({ person, onOffered }: { person: Person; onOffered(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const who = useStore(me)
  const state = useStore(calls)
  const [checking, setChecking] = useState(false)
  /** What their own profile lacks: said here, with the way there. */
  const [lacks, setLacks] = useState<Problem>()
  const lacking = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (lacks) lacking.current?.scrollIntoView({ block: 'nearest' })
  }, [lacks])

  async function offer() {
    setChecking(false)
    setLacks(undefined)
    const problem = await calls.offer(person.id)
    if (problem?.code === 'match.incomplete') setLacks(problem)
    else if (problem) toast({ text: say(problem) })
    else onOffered()
  }

  if (isMissing(state) || who.status !== 'in') return null
  const busy = state.call !== undefined && state.call.state !== 'ended'
  return (
    <>
      <Button
        look="quiet"
        full
        icon={Phone}
        busy={state.ringing === person.id}
        aria-disabled={busy || undefined}
        onClick={() => {
          if (busy) toast({ text: t('call.direct.inCall') })
          else if (!micWasChecked()) setChecking(true)
          else void offer()
        }}
      >
        {t('room.card.talk')}
      </Button>
      <div ref={lacking} role="status" className={styles.lacks}>
        {lacks && (
          <>
            <p>{say(lacks)}</p>
            <Link to="/me" className={buttonClass({ look: 'plain' })}>
              {t('call.closed.go')}
            </Link>
          </>
        )}
      </div>
      {checking && (
        <MicCheck
          person={who.me}
          words={{
            lead: t('call.check.lead'),
            denied: t('call.mic.denied'),
            missing: t('call.mic.missing'),
            go: t('call.check.go'),
            later: t('call.check.later'),
          }}
          onClose={() => setChecking(false)}
          onGo={() => void offer()}
        />
      )}
    </>
  )
}

/** While it rings at theirs: that it does, and the way to take it back. */
export function Ringing() {
  const { t } = useTranslation()
  const { call } = useStore(calls)
  const rings = call?.state === 'proposed' && call.mine ? call : undefined
  const before = useRef(rings)

  useEffect(() => {
    const was = before.current
    before.current = rings
    // Taken back, or answered: it ended before its time. Whether they declined or saw nothing, nobody is told.
    if (!was || rings || (was.deadline_at ?? 0) - calls.clock.now() > EARLY_MS) return
    toast({ text: t('call.over.unanswered.title', { name: isolate(was.person.name) }) })
  }, [rings, t])

  if (!rings) return null
  return (
    <div className={styles.notice} role="status">
      <p>{t('call.ring.out', { name: isolate(rings.person.name) })}</p>
      <Button look="quiet" onClick={() => void calls.leave()}>
        {t('common.cancel')}
      </Button>
    </div>
  )
}
