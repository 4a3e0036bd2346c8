import { useQuery } from '@tanstack/react-query'
import { Heart, X } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { answer, api, type Call, type Me } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { moodOf, onBlocked, SafetyMenu } from '../../people'
import { matches } from '../../realtime/matches'
import { Aura, Button, Icon, IconButton, Trouble, useDesk, useMeant, useStore } from '../../ui'
import type { Feedback } from '../../voice/call-state'
import { calls, roomBefore } from '../../voice/calls'
import { play } from '../../voice/earcons'
import styles from './After.module.css'
import { keptTonight } from './Tonight'

/** It is over: what happened, and whether it shall go on. */
export function After({
  me,
  call,
  onChat,
  onRoom,
}: {
  me: Me
  call: Call
  onChat(person: string): void
  onRoom(room: string): void
}) {
  const { t } = useTranslation()
  const desk = useDesk()
  const heading = useRef<HTMLHeadingElement>(null)
  const { id } = call.person
  const name = isolate(call.person.name)
  const asked = call.kind === 'match' && call.live_at !== undefined
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus()
  }, [])
  useEffect(() => onBlocked((id) => calls.part(id)), [])
  useEffect(() => (id === undefined ? undefined : matches.claim(id)), [id])
  // The first heart hears of the second by the list of matches: the call itself is over.
  const { matches: known } = useStore(matches)
  const matched = call.matched || known.some((m) => m.person.id === id)
  const before = useRef(matched)
  useEffect(() => {
    if (matched && !before.current) play('match')
    before.current = matched
  }, [matched])

  const title = matched
    ? t('match.title', { name })
    : asked
      ? t('call.after.title', { name })
      : t(`call.over.${whyOver(call)}.title`, { name })
  const lead = matched
    ? t('match.lead')
    : asked
      ? t(`call.after.why.${whyEnded(call)}`, { name })
      : t(`call.over.${whyOver(call)}.text`, { name })

  return (
    <div className={styles.after} {...moodOf(call.person)}>
      <header className={styles.afterHead}>
        {id !== undefined && (
          <SafetyMenu person={{ id, name: call.person.name }} place={`call:${call.id}`} />
        )}
        <IconButton label={t('common.close')} icon={X} onClick={() => calls.dismiss()} />
      </header>
      <div className={styles.afterLight} data-matched={matched || undefined} aria-hidden>
        {matched && (
          <span>
            <Aura person={me} size={desk ? 220 : 180} />
          </span>
        )}
        <span>
          <Aura person={call.person} size={desk ? 300 : 250} />
        </span>
      </div>
      <div className={styles.afterWords}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p>{lead}</p>
        {asked && !call.choice && !matched && <Choose call={call} />}
        {asked && call.choice && !matched && (
          <p className={styles.kept}>{t(`call.after.kept.${call.choice}`, { name })}</p>
        )}
        {(!asked || call.choice || matched) && (
          <Next call={call} matched={matched} onChat={onChat} onRoom={onRoom} />
        )}
      </div>
    </div>
  )
}

const whyEnded = ({ end_reason }: Call) =>
  end_reason === 'time' || end_reason === 'lost' ? end_reason : 'left'

function whyOver(call: Call) {
  switch (call.end_reason) {
    case 'never_heard':
    case 'busy':
      return call.end_reason
    case 'nothing':
    case 'cancelled':
      return call.mine ? 'unanswered' : 'missed'
    case 'lost':
      return 'lost'
    default:
      return 'ended'
  }
}

const asks = ['kind', 'on_topic', 'safe'] as const

/** A heart or a pass, and what only we read. */
function Choose({ call }: { call: Call }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [feedback, setFeedback] = useState<Feedback>({})
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const name = isolate(call.person.name)
  // It stands where a call was hung up.
  const meant = useMeant(call.id)

  async function choose(choice: 'heart' | 'pass') {
    if (busy) return
    setBusy(true)
    const refused = await calls.choose(choice, feedback)
    setBusy(false)
    setProblem(refused ? say(refused) : '')
  }
  return (
    <>
      <fieldset className={styles.feedback}>
        <legend>{t('call.after.private')}</legend>
        {asks.map((key) => (
          <YesNo
            key={key}
            ask={t(`call.after.ask.${key}`, { name })}
            value={feedback[key]}
            onChange={(said) => setFeedback({ ...feedback, [key]: said })}
          />
        ))}
        {feedback.safe === false && <p className={styles.quiet}>{t('call.after.unsafe')}</p>}
      </fieldset>
      <div className={styles.choose}>
        <p className={styles.quiet}>{t('call.after.nobody')}</p>
        <div className={styles.chooseRow}>
          <button
            type="button"
            data-primary=""
            aria-busy={busy || undefined}
            {...meant(() => void choose('pass'))}
          >
            <Icon of={X} />
            <span>{t('call.after.pass')}</span>
          </button>
          <button
            type="button"
            data-primary=""
            className={styles.heart}
            aria-busy={busy || undefined}
            {...meant(() => void choose('heart'))}
          >
            <Icon of={Heart} />
            <span>{t('call.after.heart')}</span>
          </button>
        </div>
        <Trouble>{problem}</Trouble>
      </div>
    </>
  )
}

function YesNo({
  ask,
  value,
  onChange,
}: {
  ask: string
  value: boolean | undefined
  onChange(value: boolean): void
}) {
  const { t } = useTranslation()
  const id = useId()
  return (
    <div className={styles.yesno} role="radiogroup" aria-labelledby={id}>
      <span id={id}>{ask}</span>
      {([true, false] as const).map((said) => (
        <label key={String(said)}>
          <input type="radio" name={id} checked={value === said} onChange={() => onChange(said)} />
          <span>{t(said ? 'call.after.yes' : 'call.after.no')}</span>
        </label>
      ))}
    </div>
  )
}

function Next({
  call,
  matched,
  onChat,
  onRoom,
}: {
  call: Call
  matched: boolean
  onChat(person: string): void
  onRoom(room: string): void
}) {
  const { t } = useTranslation()
  const { id } = call.person
  const say = useProblemText()
  const [problem, setProblem] = useState('')
  const before = useStore(roomBefore)
  return (
    <div className={styles.next}>
      {before && <BackToRoom room={before} call={call} onRoom={onRoom} />}
      {matched && id !== undefined && (
        <Button look="primary" large full meant={call.id} onClick={() => onChat(id)}>
          {t('match.hi')}
        </Button>
      )}
      {call.kind === 'match' && (
        <Button
          look={matched ? 'quiet' : 'primary'}
          large
          full
          meant={call.id}
          onClick={async () => {
            const refused = await calls.enter(keptTonight())
            if (refused) setProblem(say(refused))
          }}
        >
          {t('call.after.again')}
        </Button>
      )}
      <Button large full meant={call.id} onClick={() => calls.dismiss()}>
        {t('call.after.done')}
      </Button>
      <Trouble>{problem}</Trouble>
    </div>
  )
}

/** The way back into the room that was left for this call, while it lives and lets us in. */
function BackToRoom({
  room,
  call,
  onRoom,
}: {
  room: { id: string; title: string }
  call: Call
  onRoom(room: string): void
}) {
  const { t } = useTranslation()
  const { data } = useQuery({
    queryKey: ['room-before', room.id],
    queryFn: () => answer(api.GET('/api/rooms/{room}', { params: { path: { room: room.id } } })),
    staleTime: 0,
    retry: false,
  })
  if (!data || data.ended_at !== undefined) return null
  return (
    <Button
      look={call.kind === 'direct' ? 'primary' : 'quiet'}
      large
      full
      meant={call.id}
      onClick={() => onRoom(room.id)}
    >
      {t('call.after.room', { title: isolate(room.title) })}
    </Button>
  )
}
