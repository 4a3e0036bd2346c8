import { useState } from 'react'
import { type Language, type Me, Problem, signOut } from '../../api'
import { isolate, languageName, languages, setLanguage, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { outgoing } from '../../realtime/outgoing'
import { unsent } from '../../realtime/queue'
import {
  type Appearance,
  appearance,
  Button,
  Chips,
  Select,
  Sheet,
  setAppearance,
  Trouble,
  useStore,
} from '../../ui'
import { together } from '../../voice/call-state'
import { calls } from '../../voice/calls'
import { session } from '../../voice/session'
import { Devices } from './Devices'
import styles from './Me.module.css'
import { Passkeys } from './Passkeys'
import { useEdit } from './useEdit'

/** How Heyy looks and speaks. */
export function Looks({ me }: { me: Me }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const edit = useEdit()
  const chosen = useStore(appearance)
  const looks: readonly Appearance[] = ['system', 'dark', 'light']

  async function speak(language: Language) {
    // On screen at once; what the server keeps is for the letters and rooms to come.
    await setLanguage(language)
    await edit.save({ language })
  }

  return (
    <section className={styles.section} aria-labelledby="looks">
      <h2 id="looks">{t('me.looks.title')}</h2>
      <Chips
        label={t('me.looks.label')}
        chips={looks.map((value) => ({ value, label: t(`me.looks.${value}`) }))}
        value={chosen}
        onChange={setAppearance}
      />
      <Select
        label={t('common.language')}
        value={me.language}
        options={languages.map((code) => ({ value: code, label: languageName(code) }))}
        onChange={(event) => {
          const wanted = languages.find((code) => code === event.target.value)
          if (wanted) void speak(wanted)
        }}
      />
      <Trouble>{edit.problem && say(edit.problem)}</Trouble>
    </section>
  )
}

/** The ways in, and the way out. */
export function SigningIn() {
  const { t } = useTranslation()
  return (
    <section className={styles.section} aria-labelledby="entry">
      <h2 id="entry">{t('me.entry.title')}</h2>
      <Passkeys />
      <Devices />
      <Out />
    </section>
  )
}

function Out() {
  const { t } = useTranslation()
  const say = useProblemText()
  const { call, queue } = useStore(calls)
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState<'unsent' | 'call'>()
  const [problem, setProblem] = useState<Problem>()

  const lost = unsent(useStore(outgoing))

  function ask() {
    if (lost > 0) setAsking('unsent')
    else leaveCall()
  }

  function leaveCall() {
    if (together(call)) setAsking('call')
    else void go()
  }

  async function go() {
    setAsking(undefined)
    setBusy(true)
    setProblem(undefined)
    session.leave()
    // Nobody waits for somebody who has gone.
    if (queue?.waiting) await calls.cancel()
    await calls.leave()
    try {
      await signOut()
    } catch (thrown) {
      setProblem(Problem.of(thrown))
      setBusy(false)
    }
  }

  return (
    <div className={styles.out}>
      <Button busy={busy} onClick={ask}>
        {t('me.out')}
      </Button>
      {asking === 'unsent' && (
        <Sheet
          open
          onOpenChange={(open) => !open && setAsking(undefined)}
          alert
          title={t('me.unsent.title')}
          lead={t('me.unsent.lead', { count: lost })}
          actions={
            <>
              <Button look="primary" large full onClick={() => setAsking(undefined)}>
                {t('me.unsent.stay')}
              </Button>
              <Button look="plain" full onClick={leaveCall}>
                {t('me.unsent.go')}
              </Button>
            </>
          }
        />
      )}
      {asking === 'call' && together(call) && (
        <Sheet
          open
          onOpenChange={(open) => !open && setAsking(undefined)}
          alert
          title={t('me.hangUp.title')}
          lead={t('me.hangUp.lead', { name: isolate(call.person.name) })}
          actions={
            <>
              <Button look="primary" large full onClick={() => void go()}>
                {t('me.hangUp.go')}
              </Button>
              <Button look="plain" full onClick={() => setAsking(undefined)}>
                {t('me.hangUp.stay')}
              </Button>
            </>
          }
        />
      )}
      <Trouble>{problem && say(problem)}</Trouble>
    </div>
  )
}
