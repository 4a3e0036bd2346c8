import { type FormEvent, useState } from 'react'
import { answer, api, type Language, type Me, Problem, setMe } from '../../api'
import { languageName, languages, setLanguage, useTranslation } from '../../i18n'
import { type Interest, interestKeys, interestName } from '../../i18n/interests'
import { useProblemText } from '../../i18n/problem'
import { Button, Chips, Select, TextField, Trouble, toast } from '../../ui'
import styles from './Me.module.css'

type Change = { name?: string; language?: Language; interests?: string[] }
const MOST_INTERESTS = 20

export function Profile({ me }: { me: Me }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [name, setName] = useState(me.name)
  const [interests, setInterests] = useState(me.interests)
  const [busy, setBusy] = useState<'name' | 'interests'>()
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
    setBusy('name')
    await save({ name })
    setBusy(undefined)
  }

  async function speak(language: Language) {
    // On screen at once; what the server keeps is for the letters and rooms to come.
    await setLanguage(language)
    await save({ language })
  }

  const ofName = problem?.field === 'body.name'
  const changed = interests.join() !== me.interests.join()

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
          <Button type="submit" look="primary" large busy={busy === 'name'}>
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
      <Chips<Interest>
        label={t('me.profile.interests')}
        chips={interestKeys.map((value) => ({ value, label: t(interestName(value)) }))}
        values={interests.filter((i): i is Interest => (interestKeys as string[]).includes(i))}
        onChange={(next: Interest[]) => {
          if (next.length <= MOST_INTERESTS) setInterests(next)
        }}
      />
      {changed && (
        <div className={styles.actions}>
          <Button
            look="primary"
            busy={busy === 'interests'}
            onClick={async () => {
              setBusy('interests')
              await save({ interests })
              setBusy(undefined)
            }}
          >
            {t('me.profile.saveInterests')}
          </Button>
          <Button look="plain" onClick={() => setInterests(me.interests)}>
            {t('common.cancel')}
          </Button>
        </div>
      )}
      <Trouble>{problem && !ofName && say(problem)}</Trouble>
    </section>
  )
}
