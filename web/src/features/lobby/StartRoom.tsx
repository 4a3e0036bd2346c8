import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useId, useState } from 'react'
import { answer, api, type Category, type Me, Problem } from '../../api'
import { isolate, languageName, languages, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { Button, Chips, moodNames, Select, Sheet, TextField, Trouble } from '../../ui'
import { session, useSession } from '../../voice/session'
import styles from './Lobby.module.css'

/** Two taps: open this, open the room. Everything has a sensible first value. */
export function StartRoom({
  open,
  onOpenChange,
  me,
  category,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  me: Me
  /** What the lobby is filtered by. */
  category: Category | undefined
}) {
  const { t } = useTranslation()
  const form = useId()
  const [busy, setBusy] = useState(false)
  const now = useSession()
  const mine = now.status === 'live' && now.you.role === 'host' ? now.room : undefined

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('lobby.start.title')}
      lead={mine ? t('lobby.start.ends', { title: isolate(mine.title) }) : t('lobby.start.lead')}
      actions={
        <Button look="primary" large full type="submit" form={form} busy={busy}>
          {t('lobby.start.go')}
        </Button>
      }
    >
      <Form id={form} me={me} category={category} onBusy={setBusy} />
    </Sheet>
  )
}

function Form({
  id,
  me,
  category: wished,
  onBusy,
}: {
  id: string
  me: Me
  category: Category | undefined
  onBusy(busy: boolean): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const navigate = useNavigate()
  const [title, setTitle] = useState(() => t('lobby.start.suggestion', { name: isolate(me.name) }))
  const [category, setCategory] = useState<Category>(wished ?? 'talk')
  const [language, setLanguage] = useState<string>(me.language)
  const [error, setError] = useState<string>()
  const [trouble, setTrouble] = useState<string>()

  async function submit(event: FormEvent) {
    event.preventDefault()
    // The marks that set a name apart are for the screen, not for the room's name.
    const plain = title.replace(/[\u2066-\u2069]/g, '').trim()
    if (plain === '') {
      setError(t('lobby.start.titleMissing'))
      return
    }
    onBusy(true)
    setError(undefined)
    setTrouble(undefined)
    try {
      const room = await answer(
        api.POST('/api/rooms', {
          body: { title: plain, category, language: language as Me['language'] },
        }),
      )
      void session.join(room.id)
      await navigate({ to: '/rooms/$room', params: { room: room.id } })
    } catch (thrown) {
      const problem = Problem.of(thrown)
      if (problem.field === 'body.title') setError(say(problem))
      else setTrouble(say(problem))
    } finally {
      onBusy(false)
    }
  }

  return (
    <form id={id} onSubmit={submit} className={styles.form} noValidate>
      <TextField
        label={t('lobby.start.name')}
        value={title}
        maxLength={limits.titleMost}
        error={error}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTitle(event.target.value)}
      />
      <Chips<Category>
        label={t('lobby.start.category')}
        value={category}
        onChange={setCategory}
        chips={moodNames.map((m) => ({ value: m, label: t(`category.${m}`), mood: m }))}
      />
      <Select
        label={t('lobby.start.language')}
        value={language}
        onChange={(event) => setLanguage(event.target.value)}
        options={languages.map((code) => ({ value: code, label: languageName(code) }))}
      />
      <Trouble>{trouble}</Trouble>
    </form>
  )
}
