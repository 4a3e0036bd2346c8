import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, type RefObject, useEffect, useId, useRef, useState } from 'react'
import { answer, api, type Category, type Me, Problem, type Room } from '../../api'
import { isolate, languageName, languages, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { anybody, EntryFields, isPIN, type RoomDraft } from '../../people'
import {
  Button,
  buttonClass,
  Chips,
  moodNames,
  Select,
  Sheet,
  Switch,
  TextField,
  Trouble,
  useWrongField,
} from '../../ui'
import { session, useSession } from '../../voice/session'
import styles from './Lobby.module.css'

/** Two taps: open this, open the room. Everything has a sensible first value. */
export function StartRoom({
  open,
  onOpenChange,
  me,
  category,
  club,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  me: Me
  /** What the lobby is filtered by. */
  category: Category | undefined
  /** In which it is opened. */
  club?: { id: string; name: string; language: Me['language'] }
}) {
  const { t } = useTranslation()
  const form = useId()
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const draft = useRef<RoomDraft>(undefined)
  useEffect(() => {
    if (open) setTrouble(undefined)
  }, [open])
  const now = useSession()
  const mine = now.status === 'live' && now.you.role === 'host' ? now.room : undefined

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={club ? t('club.startTitle', { name: isolate(club.name) }) : t('lobby.start.title')}
      lead={mine ? t('lobby.start.ends', { title: isolate(mine.title) }) : t('lobby.start.lead')}
      actions={
        <>
          <Trouble>{trouble}</Trouble>
          <Button look="primary" large full type="submit" form={form} busy={busy}>
            {t('lobby.start.go')}
          </Button>
          <Link
            to="/events"
            search={{ plan: true, ...(club && { club: club.id }) }}
            // As it is filled in when this is pressed.
            state={(before) => ({ ...before, draft: draft.current })}
            className={buttonClass({ look: 'plain', full: true })}
          >
            {t('event.plan.later')}
          </Link>
        </>
      }
    >
      <Form
        id={form}
        me={me}
        category={category}
        club={club}
        draft={draft}
        onBusy={setBusy}
        onTrouble={setTrouble}
      />
    </Sheet>
  )
}

function Form({
  id,
  me,
  category: wished,
  club,
  draft,
  onBusy,
  onTrouble,
}: {
  id: string
  me: Me
  category: Category | undefined
  club: { id: string; language: Me['language'] } | undefined
  /** Is given what is filled in. */
  draft: RefObject<RoomDraft | undefined>
  onBusy(busy: boolean): void
  /** What the server refuses is said beside the button that was pressed. */
  onTrouble(said: string | undefined): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const navigate = useNavigate()
  const [suggestion] = useState(() => t('lobby.start.suggestion'))
  const [title, setTitle] = useState(suggestion)
  const [category, setCategory] = useState<Category>(wished ?? 'talk')
  const [language, setLanguage] = useState(club?.language ?? me.language)
  const [shape, setShape] = useState<Room['shape']>('lounge')
  const [entry, setEntry] = useState(anybody)
  const [talks, setTalks] = useState(false)
  const [recorded, setRecorded] = useState(false)
  const [error, setError] = useState<string>()
  const [pinError, setPinError] = useState<string>()
  const { form, refused } = useWrongField<HTMLFormElement>()

  // The marks that set a name apart are for the screen, not for the room's name.
  const plain = title.replace(/[\u2066-\u2069]/g, '').trim()
  draft.current = {
    title: title === suggestion ? '' : plain,
    category,
    language,
    shape,
    access: entry.access,
    recorded,
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    const withPIN = entry.access === 'pin'
    const untitled = plain === ''
    const unlocked = withPIN && !isPIN(entry.pin)
    setError(untitled ? t('lobby.start.titleMissing') : undefined)
    setPinError(unlocked ? t('problem.room_pin_shape') : undefined)
    onTrouble(undefined)
    if (untitled || unlocked) return refused()
    onBusy(true)
    try {
      const room = await answer(
        api.POST('/api/rooms', {
          body: {
            title: plain,
            category,
            language,
            shape,
            access: entry.access,
            ...(withPIN && { pin: entry.pin }),
            ...(entry.capacity > 0 && { capacity: entry.capacity }),
            ...(entry.womenOnly && { women_only: true }),
            ...(entry.verifiedOnly && { verified_only: true }),
            ...(talks && shape === 'lounge' && { audience: false }),
            ...(recorded && { recorded: true }),
            ...(club && { club: club.id }),
          },
        }),
      )
      void session.join(room.id)
      await navigate({ to: '/rooms/$room', params: { room: room.id } })
    } catch (thrown) {
      const problem = Problem.of(thrown)
      if (problem.field === 'body.title') setError(say(problem))
      else if (problem.field === 'body.pin') setPinError(say(problem))
      else onTrouble(say(problem))
      refused()
    } finally {
      onBusy(false)
    }
  }

  return (
    <form ref={form} id={id} onSubmit={submit} className={styles.form} noValidate>
      <TextField
        label={t('lobby.start.name')}
        value={title}
        maxLength={limits.titleMost}
        error={error}
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          setTitle(event.target.value)
          setError(undefined)
        }}
      />
      <Chips<Category>
        label={t('lobby.start.category')}
        value={category}
        onChange={setCategory}
        chips={moodNames.map((m) => ({ value: m, label: t(`category.${m}`), mood: m }))}
      />
      <Chips<Room['shape']>
        label={t('lobby.start.shape.label')}
        value={shape}
        onChange={setShape}
        chips={(['lounge', 'stage'] as const).map((value) => ({
          value,
          label: t(`lobby.start.shape.${value}`),
        }))}
      />
      {(shape === 'stage' || !talks) && (
        <p>
          {t(shape === 'stage' ? 'lobby.start.shape.stageLead' : 'lobby.start.shape.loungeLead')}
        </p>
      )}
      <Select
        label={t('lobby.start.language')}
        value={language}
        onChange={(event) => setLanguage(event.target.value as Me['language'])}
        options={languages.map((code) => ({ value: code, label: languageName(code) }))}
      />
      <EntryFields
        wish={entry}
        onChange={(wish) => {
          setEntry(wish)
          setPinError(undefined)
        }}
        me={me}
        inClub={club !== undefined}
        pinError={pinError}
        {...(shape === 'lounge' && { talks, onTalks: setTalks })}
      />
      <Switch
        label={t('lobby.start.recorded')}
        hint={t('lobby.start.recordedHint')}
        on={recorded}
        onChange={setRecorded}
      />
    </form>
  )
}
