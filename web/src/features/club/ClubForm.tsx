import { type FormEvent, useEffect, useId, useState } from 'react'
import { answer, api, type Category, type Club, type ClubEntry, type Language } from '../../api'
import { languageName, languages, language as own, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { LongField, useCommand } from '../../people'
import {
  Button,
  Chips,
  moodNames,
  Select,
  Sheet,
  Switch,
  TextField,
  Trouble,
  useWrongField,
} from '../../ui'
import styles from './Club.module.css'

/** What the server may find wrong with a field that is shown. */
const fields = ['body.name', 'body.about', 'body.rules'] as const
type Field = (typeof fields)[number]
const entries = ['open', 'request', 'invite'] as const

/** Founds a club, or says anew what one is. */
export function ClubForm({
  open,
  onOpenChange,
  club,
  onDone,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  /** The one that is changed; none: a new one. */
  club?: Club
  onDone(club: Club): void
}) {
  const { t } = useTranslation()
  const id = useId()
  const say = useProblemText()
  const command = useCommand()
  const { busy, problem, forget } = command
  const elsewhere = problem && !fields.some((field) => field === problem.field)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only as it opens
  useEffect(() => {
    if (open) forget()
  }, [open])
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t(club ? 'club.edit.title' : 'club.found.title')}
      {...(!club && { lead: t('club.found.lead') })}
      actions={
        <>
          <Trouble>{elsewhere && say(problem)}</Trouble>
          <Button look="primary" large full type="submit" form={id} busy={busy !== undefined}>
            {t(club ? 'common.save' : 'club.found.go')}
          </Button>
        </>
      }
    >
      <Form
        id={id}
        club={club}
        command={command}
        onDone={(done) => {
          onOpenChange(false)
          onDone(done)
        }}
      />
    </Sheet>
  )
}

function Form({
  id,
  club,
  command: { run, problem, forget },
  onDone,
}: {
  id: string
  club: Club | undefined
  command: ReturnType<typeof useCommand>
  onDone(club: Club): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [name, setName] = useState(club?.name ?? '')
  const [about, setAbout] = useState(club?.about ?? '')
  const [rules, setRules] = useState(club?.rules ?? '')
  const [category, setCategory] = useState<Category>(club?.category ?? 'talk')
  const [language, setLanguage] = useState<Language>(club?.language ?? own())
  const [entry, setEntry] = useState<ClubEntry>(club?.entry ?? 'open')
  const [invite, setInvite] = useState(club?.members_invite ?? false)
  const [missing, setMissing] = useState(false)
  const { form, refused } = useWrongField<HTMLFormElement>()
  const at = (field: Field) => (problem?.field === field ? say(problem) : undefined)
  const changed = (field: Field) => problem?.field === field && forget()

  async function submit(event: FormEvent) {
    event.preventDefault()
    const short = [...name.trim()].length < 2
    setMissing(short)
    forget()
    if (short) return refused()
    const body = { name, about, rules, category, language, entry, members_invite: invite }
    const done = await run('save', async () => {
      onDone(
        await answer(
          club
            ? api.PUT('/api/clubs/{club}', { params: { path: { club: club.id } }, body })
            : api.POST('/api/clubs', { body }),
        ),
      )
    })
    if (!done) refused()
  }

  return (
    <form ref={form} id={id} onSubmit={submit} className={styles.form} noValidate>
      <TextField
        label={t('club.form.name')}
        value={name}
        maxLength={limits.clubNameMost}
        error={missing ? t('club.form.nameMissing') : at('body.name')}
        onChange={(event) => {
          setName(event.target.value)
          setMissing(false)
          changed('body.name')
        }}
      />
      <LongField
        label={t('club.form.about')}
        value={about}
        maxLength={limits.clubAboutMost}
        error={at('body.about')}
        onChange={(text) => {
          setAbout(text)
          changed('body.about')
        }}
      />
      <Chips<ClubEntry>
        label={t('club.form.entry')}
        value={entry}
        onChange={setEntry}
        chips={entries.map((value) => ({ value, label: t(`club.entry.${value}.label`) }))}
      />
      <p className={styles.hint}>{t(`club.entry.${entry}.hint`)}</p>
      <Switch
        label={t('club.form.invite')}
        hint={t('club.form.inviteHint')}
        on={invite}
        onChange={setInvite}
      />
      <LongField
        label={t('club.form.rules')}
        hint={t(club && club.rules !== rules ? 'club.form.rulesChanged' : 'club.form.rulesHint')}
        value={rules}
        rows={4}
        maxLength={limits.clubRulesMost}
        error={at('body.rules')}
        onChange={(text) => {
          setRules(text)
          changed('body.rules')
        }}
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
        onChange={(event) => setLanguage(event.target.value as Language)}
        options={languages.map((code) => ({ value: code, label: languageName(code) }))}
      />
    </form>
  )
}
