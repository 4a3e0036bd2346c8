import { Bell, BellRing, ChevronRight, Moon, PhoneMissed, ShieldCheck } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import type { Lounge, Me, Person } from '../../api'
import { apart, language, useTranslation } from '../../i18n'
import { spokenName } from '../../i18n/languages'
import { useProblemText } from '../../i18n/problem'
import { micWasChecked, moodOf, useWords } from '../../people'
import { listed } from '../../people/words'
import { matches } from '../../realtime/matches'
import {
  Aura,
  AuraStill,
  Button,
  Icon,
  Page,
  Trouble,
  toast,
  useCalm,
  useDesk,
  useLevel,
  useStore,
} from '../../ui'
import type { Tonight } from '../../voice/call-state'
import { calls } from '../../voice/calls'
import styles from './Call.module.css'
import { CallButton } from './CallButton'
import { Check } from './Check'
import { HappyHours } from './HappyHours'
import { LeaveStage } from './LeaveStage'
import { ReachSheet } from './Reach'
import { keepTonight, keptTonight, TonightSheet } from './Tonight'
import { useEar } from './useEar'
import { useStage } from './useStage'

type Over = 'nothing' | 'check' | 'stage' | 'tonight' | 'reach'

/** Nothing yet: one button to press, and what belongs to it. */
export function Idle({ me, lounge, profile }: { me: Me; lounge: Lounge; profile: ReactNode }) {
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
      <HappyHours hours={lounge.hours} />
      <Owed lounge={lounge} />
      <Missed lounge={lounge} />
      <Wishes
        me={me}
        lounge={lounge}
        tonight={tonight}
        onTonight={() => setOver('tonight')}
        onReach={() => setOver('reach')}
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
          <div className={styles.note}>
            <p>{t('call.lapsed')}</p>
            <Button look="plain" onClick={() => calls.dismiss()}>
              {t('common.close')}
            </Button>
          </div>
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
            <Sun me={me} ear={ear} busy={busy} onPress={() => wish()} />
            <div className={styles.looking}>
              <p className={styles.count}>{t('call.idle.looking', { count: lounge.looking })}</p>
              {lounge.looking === 0 && <BellButton lounge={lounge} />}
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
      {over === 'reach' && <ReachSheet lounge={lounge} onClose={close} />}
    </div>
  )
}

/** The one thing to press: an eclipse whose rim is one's own microphone. */
function Sun({
  me,
  ear,
  busy,
  onPress,
}: {
  me: Me
  ear: () => number
  busy: boolean
  onPress(): void
}) {
  const { t } = useTranslation()
  const calm = useCalm()
  const rim = useLevel<HTMLButtonElement>(ear)
  return (
    <div className={styles.sun}>
      <span className={styles.corona}>
        {calm ? <AuraStill person={me} size={344} /> : <Aura person={me} size={470} level={ear} />}
      </span>
      <button
        ref={rim}
        type="button"
        className={styles.disc}
        aria-busy={busy || undefined}
        aria-describedby="call-rim"
        onClick={() => {
          if (!busy) onPress()
        }}
      >
        {t('call.idle.go')}
      </button>
      <span id="call-rim" className="only-heard">
        {t('call.idle.rim')}
      </span>
    </div>
  )
}

export function BellButton({ lounge }: { lounge: Lounge }) {
  const { t } = useTranslation()
  const say = useProblemText()
  return (
    <Button
      icon={lounge.bell ? BellRing : Bell}
      aria-pressed={lounge.bell}
      onClick={async () => {
        const problem = await calls.setBell(!lounge.bell)
        if (problem) toast({ text: say(problem) })
      }}
    >
      {t('call.bell')}
    </Button>
  )
}

/** A call that still waits for a heart or a pass. */
function Owed({ lounge }: { lounge: Lounge }) {
  const { t } = useTranslation()
  const { call } = lounge
  if (call?.state !== 'ended' || call.choice || call.choose_by === undefined) return null
  return (
    <button type="button" className={styles.row} onClick={() => calls.recall()}>
      <AuraStill person={call.person} size={36} />
      <span className={styles.rowWords}>
        <span>{t('call.owed', { name: apart(call.person.name) })}</span>
        <small>{t('call.owedLead')}</small>
      </span>
      <Icon of={ChevronRight} size={20} />
    </button>
  )
}

function Missed({ lounge }: { lounge: Lounge }) {
  const { t } = useTranslation()
  const { matches: known } = useStore(matches)
  useEffect(() => matches.start(), [])
  const when = new Intl.DateTimeFormat(language(), {
    weekday: 'long',
    hour: 'numeric',
    minute: 'numeric',
  })
  const calledBy = lounge.missed.flatMap(({ person_id, at }) => {
    const person: Person | undefined = known.find((m) => m.person.id === person_id)?.person
    return person ? [{ person, at }] : []
  })
  if (calledBy.length === 0) return null
  return (
    <section aria-labelledby="call-missed">
      <h2 id="call-missed" className={styles.small}>
        <Icon of={PhoneMissed} size={20} />
        {t('call.missed.title')}
      </h2>
      <ul>
        {calledBy.slice(0, 3).map(({ person, at }) => (
          <li key={person.id} className={styles.row}>
            <AuraStill person={person} size={36} />
            <span className={styles.rowWords}>
              <bdi>{person.name}</bdi>
              <small className="numbers">{when.format(at)}</small>
            </span>
            <CallButton person={person} onCalling={() => {}} label={t('call.missed.back')} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Wishes({
  me,
  lounge,
  tonight,
  onTonight,
  onReach,
}: {
  me: Me
  lounge: Lounge
  tonight: Tonight
  onTonight(): void
  onReach(): void
}) {
  const { t } = useTranslation()
  const words = useWords()
  const parts = [
    ...(tonight.intents.length > 0 ? tonight.intents : me.intents).map(words.intentTitle),
    ...tonight.languages.map((code) => spokenName(code)),
  ]
  return (
    <div className={styles.rows}>
      <button type="button" className={styles.row} onClick={onTonight}>
        <Icon of={Moon} />
        <span className={styles.rowWords}>
          <span>{t('call.tonight.title')}</span>
          <small>{parts.length > 0 ? listed(parts) : t('call.tonight.profile')}</small>
        </span>
        <Icon of={ChevronRight} size={20} />
      </button>
      <button type="button" className={styles.row} onClick={onReach}>
        <Icon of={ShieldCheck} />
        <span className={styles.rowWords}>
          <span>{t('call.reach.title')}</span>
          <small>{t(`call.reach.${lounge.reach}.title`)}</small>
        </span>
        <Icon of={ChevronRight} size={20} />
      </button>
    </div>
  )
}
