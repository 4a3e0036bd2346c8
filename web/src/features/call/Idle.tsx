import { Bell, BellRing } from 'lucide-react'
import { useState } from 'react'
import type { Me, QueueStatus } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { micWasChecked, moodOf, useOfferPush } from '../../people'
import { AuraStill, Button, Page, type Parts, Trouble, toast, useDesk, useStore } from '../../ui'
import type { Tonight } from '../../voice/call-state'
import { calls } from '../../voice/calls'
import { CallPrivacySheet } from './CallPrivacy'
import { Check } from './Check'
import { HappyHours } from './HappyHours'
import styles from './Idle.module.css'
import { LeaveStage } from './LeaveStage'
import { Note } from './Note'
import { Missed, Owed, Preferences } from './Rows'
import { TalkNowButton } from './TalkNowButton'
import { keepTonight, keptTonight, TonightSheet } from './Tonight'
import { useEar } from './useEar'
import { useStage } from './useStage'

type Over = 'nothing' | 'check' | 'stage' | 'tonight' | 'privacy'

/** Nothing yet: one button to press, and what belongs to it. */
export function Idle({ me, queue, profile }: { me: Me; queue: QueueStatus; profile: Parts }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const desk = useDesk()
  const stage = useStage()
  const { lapsed } = useStore(calls)
  const [over, setOver] = useState<Over>('nothing')
  const [tonight, setTonight] = useState<Tonight>(keptTonight)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const close = () => setOver('nothing')
  const ear = useEar(me.id, over === 'nothing')

  async function enter() {
    close()
    setBusy(true)
    setProblem('')
    const refused = await calls.enter(tonight)
    setBusy(false)
    if (refused) setProblem(say(refused))
  }
  function wish(left = false) {
    if (stage?.seated && !left) setOver('stage')
    else if (!micWasChecked()) setOver('check')
    else void enter()
  }

  const around = (
    <>
      <HappyHours hours={queue.hours} />
      <Owed queue={queue} />
      <Missed queue={queue} />
      <Preferences
        me={me}
        queue={queue}
        tonight={tonight}
        onTonight={() => setOver('tonight')}
        onPrivacy={() => setOver('privacy')}
      />
    </>
  )
  const closed = me.paused || !me.shown
  return (
    <div className={styles.page} {...moodOf(me)}>
      <Page
        title={t('call.idle.title')}
        lead={t('call.idle.lead')}
        side={desk ? <div className={styles.around}>{around}</div> : undefined}
      >
        {lapsed && (
          <Note>
            <p>{t('call.lapsed')}</p>
            <Button look="plain" onClick={() => calls.dismiss()}>
              {t('common.close')}
            </Button>
          </Note>
        )}
        {closed ? (
          <section className={styles.closed}>
            <AuraStill person={me} size={180} />
            <h2>{t(me.paused ? 'call.paused.title' : 'call.closed.title')}</h2>
            <p>{t(me.paused ? 'call.paused.text' : 'call.closed.text')}</p>
            {profile}
          </section>
        ) : (
          <>
            <TalkNowButton me={me} ear={ear} busy={busy} onPress={() => wish()} />
            <div className={styles.looking}>
              <p className={styles.count}>{t('call.idle.looking', { count: queue.looking })}</p>
              {queue.looking === 0 && <AlertButton queue={queue} />}
              <Trouble>{problem}</Trouble>
            </div>
          </>
        )}
        {!desk && <div className={styles.around}>{around}</div>}
      </Page>

      {over === 'check' && <Check me={me} onClose={close} onGo={() => void enter()} />}
      {over === 'stage' && stage && (
        <LeaveStage title={stage.title} onClose={close} onGo={() => wish(true)} />
      )}
      {over === 'tonight' && (
        <TonightSheet
          me={me}
          value={tonight}
          onClose={close}
          onSave={(next) => {
            keepTonight(next)
            setTonight(next)
            close()
          }}
        />
      )}
      {over === 'privacy' && <CallPrivacySheet queue={queue} onClose={close} />}
    </div>
  )
}

export function AlertButton({ queue }: { queue: QueueStatus }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const offerPush = useOfferPush()
  return (
    <Button
      icon={queue.alert ? BellRing : Bell}
      aria-pressed={queue.alert}
      onClick={async () => {
        const problem = await calls.setAlert(!queue.alert)
        if (problem) toast({ text: say(problem) })
        else if (!queue.alert) offerPush()
      }}
    >
      {t('call.alert')}
    </Button>
  )
}
