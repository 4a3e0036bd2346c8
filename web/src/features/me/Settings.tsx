import { useState } from 'react'
import { type Language, type Me, Problem, signOut } from '../../api'
import { languageName, languages, setLanguage, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import {
  type Appearance,
  appearance,
  Button,
  Chips,
  Select,
  setAppearance,
  Trouble,
  useStore,
} from '../../ui'
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
        onChange={(event) => void speak(event.target.value as Language)}
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
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()

  async function go() {
    setBusy(true)
    setProblem(undefined)
    session.leave()
    try {
      await signOut()
    } catch (thrown) {
      setProblem(Problem.of(thrown))
      setBusy(false)
    }
  }

  return (
    <div className={styles.out}>
      <Button busy={busy} onClick={() => void go()}>
        {t('me.out')}
      </Button>
      <Trouble>{problem && say(problem)}</Trouble>
    </div>
  )
}
