import { Phone } from 'lucide-react'
import { useEffect, useState } from 'react'
import { me, type Person } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { micWasChecked } from '../../people'
import { Button, toast, useStore } from '../../ui'
import { isMissing } from '../../voice/call-state'
import { calls } from '../../voice/calls'
import { session } from '../../voice/session'
import { Check } from './Check'
import { LeaveStage } from './LeaveStage'
import { useStage } from './useStage'

/** Calls a match. `onCalling` is told when it rings: the page of Call shows the rest. */
export function CallButton({
  person,
  onCalling,
  back = false,
}: {
  person: Pick<Person, 'id' | 'name'>
  onCalling(): void
  /** They called before. */
  back?: boolean
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const who = useStore(me)
  const state = useStore(calls)
  const { call, ringing } = state
  const [asking, setAsking] = useState<'stage' | 'check'>()
  const stage = useStage()
  useEffect(() => calls.start(), [])

  async function ring() {
    setAsking(undefined)
    const going = calls.ring(person.id)
    onCalling()
    const problem = await going
    if (problem) toast({ text: say(problem) })
  }
  function wish() {
    const now = session.get()
    if (now.status === 'live' && now.you.seat !== undefined && asking !== 'stage') {
      setAsking('stage')
    } else if (!micWasChecked()) setAsking('check')
    else void ring()
  }

  if (isMissing(state) || who.status !== 'in') return null
  const busy = call !== undefined && call.state !== 'ended'
  return (
    <>
      <Button
        icon={Phone}
        busy={ringing === person.id}
        aria-disabled={busy || undefined}
        aria-label={t(back ? 'call.missed.backName' : 'call.direct.callName', {
          name: isolate(person.name),
        })}
        onClick={() => {
          if (busy) toast({ text: t('call.direct.inCall') })
          else wish()
        }}
      >
        {t(back ? 'call.missed.back' : 'call.direct.call')}
      </Button>
      {asking === 'stage' && stage && (
        <LeaveStage title={stage.title} onClose={() => setAsking(undefined)} onGo={wish} />
      )}
      {asking === 'check' && (
        <Check me={who.me} onClose={() => setAsking(undefined)} onGo={() => void ring()} />
      )}
    </>
  )
}
