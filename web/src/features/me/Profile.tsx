import { type FormEvent, useState } from 'react'
import { answer, api, type Language, type Me, Problem, setMe } from '../../api'
import { languageName, languages, setLanguage, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, Select, TextField, Trouble, toast } from '../../ui'
import { Interests } from './Interests'
import styles from './Me.module.css'

type Change = { name?: string; language?: Language; interests?: string[] }

export function Profile({ me }: { me: Me }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [name, setName] = useState(me.name)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()

  async function save(change: Change): Promise<boolean> {
    setProblem(undefined)
    try {
      setMe(await answer(api.PATCH('/api/me', { body: change })))
      toast({ text: t('me.saved') })
      return true
    } catch (thrown) {
      setProblem(Problem.of(thrown))
      return false
    }
  }

  async function rename(event: FormEvent) {
    event.preventDefault()
    if (busy || name.trim() === me.name) return
    setBusy(true)
    await save({ name })
    setBusy(false)
  }

  async function speak(language: Language) {
    // On screen at once; what the server keeps is for the letters and rooms to come.
    await setLanguage(language)
    await save({ language })
  }

  const ofName = problem?.field === 'body.name'

  return (
    <section className={styles.section} aria-labelledby="profile">
      <h2 id="profile">{t('me.profile.title')}</h2>
      <form className={styles.line} noValidate onSubmit={(event) => void rename(event)}>
        <TextField
          label={t('me.profile.name')}
          error={ofName ? say(problem) : undefined}
          autoComplete="nickname"
          maxLength={60}
          value={name}
          onChange={(event) => {
            setName(event.target.value)
            if (ofName) setProblem(undefined)
          }}
        />
        {name.trim() !== me.name && (
          <Button type="submit" look="primary" large busy={busy}>
            {t('common.save')}
          </Button>
        )}
      </form>
      <Select
        label={t('common.language')}
        value={me.language}
        options={languages.map((code) => ({ value: code, label: languageName(code) }))}
        onChange={(event) => void speak(event.target.value as Language)}
      />
      <Interests mine={me.interests} save={(interests) => save({ interests })} />
      <Trouble>{problem && !ofName && say(problem)}</Trouble>
    </section>
  )
}
