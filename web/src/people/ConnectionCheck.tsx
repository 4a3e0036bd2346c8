import { CircleCheck, CircleDashed, TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from '../i18n'
import { Button, Icon, useStore } from '../ui'
import { type ConnectionCheck as Check, type CheckState, checkHere } from '../voice/connectionCheck'
import styles from './ConnectionCheck.module.css'
import { HowToAllow } from './HowToAllow'

/** Tries what rooms and calls need, when it is asked to, and says what to do about what fails. */
export function ConnectionCheck() {
  const { t } = useTranslation()
  const [check, setCheck] = useState<Check>()
  useEffect(() => () => check?.stop(), [check])
  return (
    <div className={styles.check}>
      {check && <Lines check={check} />}
      <div>
        <Button look="quiet" onClick={() => setCheck(checkHere())}>
          {t(check ? 'sound.check.again' : 'sound.check.go')}
        </Button>
      </div>
    </div>
  )
}

const parts = ['server', 'sound', 'voice', 'microphone'] as const

const outcomes = {
  server: { works: 'serverWorks', unreachable: 'serverUnreachable' },
  sound: { works: 'soundWorks', tap: 'soundTap' },
  voice: {
    works: 'voiceWorks',
    tcp: 'voiceTcp',
    blocked: 'voiceBlocked',
    untried: 'voiceUntried',
    spent: 'voiceSpent',
  },
  microphone: {
    works: 'microphoneWorks',
    denied: 'microphoneDenied',
    missing: 'microphoneMissing',
  },
} as const

const fine = ['serverWorks', 'soundWorks', 'voiceWorks', 'microphoneWorks'] as const
/** What says itself what to do, is told below: it depends on the browser. */
const LONG = 'microphoneDenied'

type Outcome<P extends Part = Part> = P extends Part
  ? (typeof outcomes)[P][keyof (typeof outcomes)[P]]
  : never
type Part = (typeof parts)[number]
type Fine = (typeof fine)[number]

const isFine = (outcome: Outcome): outcome is Fine => fine.some((one) => one === outcome)

function outcomeOf(part: Part, state: CheckState): Outcome | undefined {
  switch (part) {
    case 'server':
      return state.server && outcomes.server[state.server]
    case 'sound':
      return state.sound && outcomes.sound[state.sound]
    case 'voice':
      return state.voice && outcomes.voice[state.voice]
    case 'microphone':
      return state.microphone && outcomes.microphone[state.microphone]
  }
}

function Lines({ check }: { check: Check }) {
  const { t } = useTranslation()
  const state = useStore(check)
  const lines = parts
    .map((part) => ({ part, outcome: outcomeOf(part, state) }))
    .filter(({ outcome }) => outcome !== undefined || !state.done)
  const allFine = lines.every(({ outcome }) => outcome !== undefined && isFine(outcome))
  return (
    <div className={styles.results} aria-busy={!state.done} aria-live="polite">
      <ul className={styles.lines}>
        {lines.map(({ part, outcome }) => (
          <Line key={part} part={part} outcome={outcome} />
        ))}
      </ul>
      {state.done && allFine && <p>{t('sound.check.fine')}</p>}
    </div>
  )
}

function Line({ part, outcome }: { part: Part; outcome: Outcome | undefined }) {
  const { t } = useTranslation()
  if (outcome === undefined) {
    return (
      <li className={styles.line}>
        <Icon of={CircleDashed} size={20} />
        <span>{t(`sound.check.waits.${part}`)}</span>
      </li>
    )
  }
  const good = isFine(outcome)
  return (
    <li className={styles.line} data-good={good || undefined}>
      <Icon of={good ? CircleCheck : TriangleAlert} size={20} />
      <div className={styles.words}>
        <span>{t(`sound.check.${outcome}`)}</span>
        {!good && outcome !== LONG && <small>{t(`sound.check.todo.${outcome}`)}</small>}
        {outcome === LONG && <HowToAllow />}
      </div>
    </li>
  )
}
