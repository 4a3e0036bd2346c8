import { type FormEvent, useId, useState } from 'react'
import { answer, api, type Category, type EventPage, type Language } from '../../api'
import { languageName, languages, language as own, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { hereZone, lasting } from '../../i18n/times'
import { limits } from '../../i18n/vocabulary.gen'
import { LongField, type RoomDraft, useCommand } from '../../people'
import { Button, Chips, moodNames, Select, Sheet, Switch, TextField, Trouble } from '../../ui'
import styles from './Schedule.module.css'

const lengths = [30, 60, 90, 120, 180, 240, 480] as const
const accesses = ['open', 'followers', 'club', 'link'] as const
const shapes = ['lounge', 'stage'] as const
const minute = 60_000
const day = 24 * 60 * minute

/** A moment as a field for a date and a time has it: clocks here, to the minute. */
function local(at: number): string {
  const offset = new Date(at).getTimezoneOffset() * minute
  return new Date(at - offset).toISOString().slice(0, 16)
}

/** The next full hour that is at least an hour ahead. */
const suggestion = (now: number) => Math.ceil((now + 60 * minute) / (60 * minute)) * 60 * minute

/** Plans a room for later, or changes what is planned. */
export function PlanSheet({
  open,
  onOpenChange,
  event,
  club,
  draft,
  onDone,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  /** The one that is changed; none: a new one. */
  event?: EventPage
  /** In which a new one is planned. */
  club?: string | undefined
  /** What was filled in already, for a room that was to start at once. */
  draft?: RoomDraft | undefined
  onDone(event: EventPage): void
}) {
  const { t } = useTranslation()
  const id = useId()
  const [busy, setBusy] = useState(false)
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t(event ? 'event.plan.editTitle' : 'event.plan.title')}
      lead={t('event.plan.lead')}
      actions={
        <Button look="primary" large full type="submit" form={id} busy={busy}>
          {t(event ? 'common.save' : 'event.plan.go')}
        </Button>
      }
    >
      <Form
        id={id}
        event={event}
        club={club}
        draft={draft}
        onBusy={setBusy}
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
  event,
  club,
  draft,
  onBusy,
  onDone,
}: {
  id: string
  event: EventPage | undefined
  club: string | undefined
  draft: RoomDraft | undefined
  onBusy(busy: boolean): void
  onDone(event: EventPage): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const { run, problem } = useCommand()
  const [now] = useState(() => Date.now())
  const [title, setTitle] = useState(event?.title ?? draft?.title ?? '')
  const [about, setAbout] = useState(event?.about ?? '')
  const [when, setWhen] = useState(local(event?.starts_at ?? suggestion(now)))
  const [minutes, setMinutes] = useState(event?.minutes ?? 60)
  const [weekly, setWeekly] = useState(event?.weekly ?? false)
  const [recorded, setRecorded] = useState(event?.recorded ?? draft?.recorded ?? false)
  const [category, setCategory] = useState<Category>(event?.category ?? draft?.category ?? 'talk')
  const [shape, setShape] = useState(event?.shape ?? draft?.shape ?? 'lounge')
  const [access, setAccess] = useState(
    event?.access ?? accesses.find((way) => way === draft?.access) ?? 'open',
  )
  const [language, setLanguage] = useState<Language>(event?.language ?? draft?.language ?? own())
  const [missing, setMissing] = useState<'title' | 'when'>()
  const zone = hereZone()
  const at = (field: string) => (problem?.field === field ? say(problem) : undefined)
  const elsewhere =
    problem && !['body.title', 'body.about', 'body.starts_at'].includes(problem.field ?? '')

  async function submit(submitted: FormEvent) {
    submitted.preventDefault()
    const starts = new Date(when).getTime()
    const lacks = title.trim() === '' ? 'title' : Number.isNaN(starts) ? 'when' : undefined
    setMissing(lacks)
    if (lacks) return
    const body = {
      title,
      about,
      category,
      language,
      shape,
      access,
      starts_at: starts,
      minutes,
      weekly,
      recorded,
      // A host who travels changes the words, not the clocks of an event.
      zone: event && starts === event.starts_at ? event.zone : zone,
    }
    onBusy(true)
    await run('save', async () => {
      onDone(
        await answer(
          event
            ? api.PUT('/api/events/{event}', { params: { path: { event: event.id } }, body })
            : api.POST('/api/events', { body: { ...body, ...(club && { club }) } }),
        ),
      )
    })
    onBusy(false)
  }

  return (
    <form id={id} onSubmit={submit} className={styles.form} noValidate>
      <TextField
        label={t('event.plan.name')}
        value={title}
        maxLength={limits.titleMost}
        error={missing === 'title' ? t('event.plan.nameMissing') : at('body.title')}
        onChange={(changed) => setTitle(changed.target.value)}
      />
      <TextField
        label={t('event.plan.when')}
        type="datetime-local"
        value={when}
        min={local(now)}
        max={local(now + limits.eventDaysMost * day)}
        hint={t('event.plan.whenHint', { zone: zone.replace(/_/g, ' ') })}
        error={missing === 'when' ? t('event.plan.whenMissing') : at('body.starts_at')}
        onChange={(changed) => setWhen(changed.target.value)}
      />
      <Select
        label={t('event.plan.minutes')}
        value={String(minutes)}
        onChange={(changed) => setMinutes(Number(changed.target.value))}
        options={[...new Set([...lengths, minutes])]
          .sort((a, b) => a - b)
          .map((value) => ({ value: String(value), label: lasting(value) }))}
      />
      <Switch
        label={t('event.plan.weekly')}
        hint={t('event.plan.weeklyHint')}
        on={weekly}
        onChange={setWeekly}
      />
      <LongField
        label={t('event.plan.about')}
        value={about}
        maxLength={limits.eventAboutMost}
        error={at('body.about')}
        onChange={setAbout}
      />
      <Chips<Category>
        label={t('lobby.start.category')}
        value={category}
        onChange={setCategory}
        chips={moodNames.map((m) => ({ value: m, label: t(`category.${m}`), mood: m }))}
      />
      <Chips<(typeof shapes)[number]>
        label={t('lobby.start.shape.label')}
        value={shape}
        onChange={setShape}
        chips={shapes.map((value) => ({ value, label: t(`lobby.start.shape.${value}`) }))}
      />
      <div className={styles.field}>
        <Chips<(typeof accesses)[number]>
          label={t('event.access.label')}
          value={access}
          onChange={setAccess}
          chips={accesses
            .filter((way) => way !== 'club' || club || event?.club || access === 'club')
            .map((value) => ({ value, label: t(`event.access.${value}`) }))}
        />
        <p className={styles.hint}>{t(`event.access.${access}Hint`)}</p>
      </div>
      <Select
        label={t('lobby.start.language')}
        value={language}
        onChange={(changed) => setLanguage(changed.target.value as Language)}
        options={languages.map((code) => ({ value: code, label: languageName(code) }))}
      />
      <Switch
        label={t('lobby.start.recorded')}
        hint={t('lobby.start.recordedHint')}
        on={recorded}
        onChange={setRecorded}
      />
      <Trouble>{elsewhere && say(problem)}</Trouble>
    </form>
  )
}
