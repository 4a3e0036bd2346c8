import { KeyRound } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { addPasskey, answer, api, deviceName, type Me, Problem, signOut } from '../../api'
import { language, languageName, languages, setLanguage, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { Button, Doorway, Select, TextField, Trouble } from '../../ui'
import { BirthDate } from './BirthDate'
import { birthDate, noBirth } from './birth'
import styles from './Onboarding.module.css'

/** The two things we must know before anybody can be met. */
export function About({ onBegun, onYoung }: { onBegun(me: Me): void; onYoung(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [birth, setBirth] = useState(noBirth)
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | { code: string; field: string }>()

  async function begin(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    const birth_date = birthDate(birth)
    if (birth_date === undefined)
      return setProblem({ code: 'birth.missing', field: 'body.birth_date' })
    if (birth_date === false)
      return setProblem({ code: 'account.birth_date_wrong', field: 'body.birth_date' })
    if (name.trim() === '') return setProblem({ code: 'name.missing', field: 'body.name' })
    setBusy(true)
    setProblem(undefined)
    try {
      const body = { birth_date, name, language: language() }
      onBegun(await answer(api.POST('/api/me/sign-up', { body })))
    } catch (thrown) {
      const said = Problem.of(thrown)
      if (said.code === 'account.too_young') onYoung()
      // The answer to an earlier try was lost: it took effect.
      else if (said.code === 'account.begun' || said.code === 'command.applied') {
        await answer(api.GET('/api/me')).then(onBegun, (again) => setProblem(Problem.of(again)))
      } else setProblem(said)
    } finally {
      setBusy(false)
    }
  }

  const at = (field: string) => (problem?.field === field ? say(problem) : undefined)
  const elsewhere =
    problem && problem.field !== 'body.birth_date' && problem.field !== 'body.name'
      ? say(problem)
      : ''

  return (
    <Doorway step="about" long title={t('onboarding.title')} lead={t('onboarding.lead')}>
      <form className={styles.form} noValidate onSubmit={(event) => void begin(event)}>
        <TextField
          label={t('onboarding.name.label')}
          hint={t('onboarding.name.hint')}
          error={at('body.name')}
          name="name"
          autoComplete="nickname"
          maxLength={limits.nameMost}
          value={name}
          onChange={(event) => {
            setName(event.target.value)
            setProblem(undefined)
          }}
        />
        <BirthDate
          value={birth}
          error={at('body.birth_date')}
          onChange={(next) => {
            setBirth(next)
            setProblem(undefined)
          }}
        />
        <Select
          label={t('common.language')}
          value={language()}
          options={languages.map((code) => ({ value: code, label: languageName(code) }))}
          onChange={(event) => void setLanguage(event.target.value)}
        />
        <Trouble>{elsewhere}</Trouble>
        <Button type="submit" look="primary" large full busy={busy}>
          {t('onboarding.action')}
        </Button>
        <Button look="plain" full onClick={() => void signOut().catch(() => undefined)}>
          {t('onboarding.out')}
        </Button>
      </form>
    </Doorway>
  )
}

export function PasskeyOffer({ me, onDone }: { me: Me; onDone(me: Me): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()

  async function add() {
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await addPasskey(deviceName() ?? t('me.passkeys.thisDevice'))
      onDone({ ...me, passkeys: me.passkeys + 1 })
    } catch (thrown) {
      const said = Problem.of(thrown)
      if (said.code !== 'passkey.cancelled') setProblem(said)
      setBusy(false)
    }
  }

  return (
    <Doorway
      step="passkey"
      title={t('onboarding.passkey.title')}
      lead={t('onboarding.passkey.text')}
    >
      <Trouble>{problem && say(problem)}</Trouble>
      <Button
        look="primary"
        large
        full
        icon={KeyRound}
        busy={busy}
        meant="passkey"
        onClick={() => void add()}
      >
        {t('onboarding.passkey.add')}
      </Button>
      <Button look="plain" large full meant="passkey" onClick={() => onDone(me)}>
        {t('onboarding.passkey.skip')}
      </Button>
    </Doorway>
  )
}
