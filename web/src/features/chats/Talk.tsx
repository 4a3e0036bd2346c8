import { Link, useNavigate } from '@tanstack/react-router'
import { ArrowLeft, Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { type Message, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { acceptChat, moodOf, Portrait, PresenceLine, SafetyMenu } from '../../people'
import { chats } from '../../realtime/chats'
import { openConversation } from '../../realtime/conversation'
import { addressOf } from '../../realtime/messages'
import { outgoing } from '../../realtime/outgoing'
import { outgoingTo } from '../../realtime/queue'
import {
  AuraStill,
  announce,
  Button,
  EmptyState,
  IconButton,
  type Parts,
  Quiet,
  Skeleton,
  toast,
  useDesk,
  useStore,
} from '../../ui'
import { useKeyboardHeight } from '../../ui/useKeyboardHeight'
import { Composer } from './Composer'
import { firstUnread, type Line, linesOf } from './lines'
import { MessageMenu } from './MessageMenu'
import { Messages, type Target } from './Messages'
import { Profile, renewOf } from './Profile'
import { NameAndAge } from './ProfilePage'
import { Remove } from './Remove'
import { RequestBar } from './RequestBar'
import styles from './Talk.module.css'
import { localRecording, useRecordings, useSaid } from './voices'
import type { Partner } from './WithPartner'

/** Where a menu was asked for, and for what. */
export interface Asked {
  n: number
  at: { x: number; y: number }
}

/** A conversation: what was said, and what is being written; `at` is the message it opens at. */
export function Talk({
  partner,
  call,
  at,
}: {
  partner: Partner
  call: Parts
  at?: number | undefined
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const navigate = useNavigate()
  const desk = useDesk()
  const { person, match, chat } = partner
  /** A request to this person: nothing that they do with it shows. */
  const isAsked = chat?.asked === 'theirs'
  const name = isolate(person.name)
  const mood = moodOf(person)
  const keyboard = useKeyboardHeight()
  const [talk] = useState(() =>
    openConversation(person.id, (n, unread) => chats.read(person.id, n, unread), at),
  )
  const [target, setTarget] = useState<Target | undefined>(at ? { n: at, key: 0 } : undefined)
  const state = useStore(talk)
  const queue = useStore(outgoing)
  const [asked, setAsked] = useState<Asked>()
  const [removing, setRemoving] = useState<Message>()
  const [editing, setEditing] = useState<Message>()

  useEffect(() => talk.start(), [talk])
  useEffect(
    () =>
      outgoing.onArrival((who, message) => {
        if (who === person.id) talk.took(message)
      }),
    [talk, person.id],
  )
  const said = useSaid()
  const attached = state.newer === 'none'
  useNews(state.status === 'ready' && attached ? state.messages : undefined, (message) =>
    announce(t('chats.talk.said', { name, text: said(message) })),
  )
  const recordingOf = useRecordings(person, talk)

  // What was new when the conversation was opened stays marked.
  const opened = useRef<{ freshN: number | undefined; window: number }>(undefined)
  const ready = state.status === 'ready'
  if (ready) {
    opened.current ??= {
      freshN: firstUnread(state.messages, state.readN),
      window: state.window,
    }
  }

  async function show(move: () => Promise<Problem | undefined>) {
    const problem = await move()
    if (problem) toast({ text: say(problem) })
  }
  const jump = (n: number) => {
    setTarget((before) => ({ n, key: (before?.key ?? 0) + 1 }))
    void show(() => talk.jump(n))
  }
  const toNewest = () => {
    setTarget(undefined)
    void show(talk.toNewest)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address is another message.
  useEffect(() => {
    if (at !== undefined && target?.n !== at) jump(at)
  }, [at])

  const going = outgoingTo(queue, person.id)
  // Whoever sends wants to see it.
  const sent = going.at(-1)?.id
  const knownSent = useRef(sent)
  useEffect(() => {
    if (sent === knownSent.current) return
    knownSent.current = sent
    if (sent !== undefined && !attached) toNewest()
  })
  // Only what the server has stored is a request: until then its writer may still have to change it.
  const isSent = state.messages.length > 0 || chat?.last !== undefined
  const waits = isSent ? undefined : going.find(({ state }) => state !== 'failed')
  const lines = linesOf(state.messages, going, {
    ...(state.theirReadN === undefined ? {} : { theirReadN: state.theirReadN }),
    // Whoever has jumped since is not at what was new.
    ...(opened.current?.freshN === undefined || state.window !== opened.current.window
      ? {}
      : { freshN: opened.current.freshN }),
  })

  // As it is now: it may be changed or deleted while its menu is open.
  const here = (n: number | undefined) => state.messages.find((message) => message.n === n)
  const askedOf = here(asked?.n)
  const gone = asked !== undefined && (!askedOf || askedOf.deleted)
  useEffect(() => {
    if (!gone) return
    setAsked(undefined)
    announce(t('chats.deleted'))
  }, [gone, t])

  async function accept() {
    try {
      await acceptChat(person.id)
    } catch (thrown) {
      const problem = Problem.of(thrown)
      // Taken back, or answered on another device.
      if (problem.status !== 404) toast({ text: say(problem) })
    }
  }
  async function react(message: Message, emoji: string | undefined) {
    const problem = await talk.react(message.id, emoji)
    if (problem) toast({ text: say(problem) })
  }
  function reply(message: Message) {
    setEditing(undefined)
    const { n, mine, text, voice } = message
    const draft = outgoing.get().drafts.get(person.id)
    const quote = { n, mine, text, ...(voice ? { voice_ms: voice.ms } : {}) }
    outgoing.draft(person.id, { text: '', ...draft, reply: quote })
  }
  /** A message that was refused goes back to the field it came from. */
  function rewrite(line: Pick<Line, 'key'>) {
    const item = outgoing.takeBack(person.id, line.key)
    if (!item) return
    const before = outgoing.get().drafts.get(person.id)
    const text = [item.text, before?.text].filter(Boolean).join('\n')
    const quote = item.reply ?? before?.reply
    outgoing.draft(person.id, { ...before, text, ...(quote ? { reply: quote } : {}) })
  }

  const body = () => {
    if (!ready && lines.length === 0) {
      if (state.status === 'loading') return <Waiting />
      const offline = state.status === 'offline'
      return (
        <div className={styles.rest}>
          <EmptyState
            title={t(offline ? 'app.offline.title' : 'chats.talk.error')}
            art={<Quiet seed="chat-lost" size={180} />}
            action={
              <Button look="primary" onClick={() => void talk.retry()}>
                {t('common.retry')}
              </Button>
            }
          >
            {t(offline ? 'app.offline.text' : 'chats.error.text')}
          </EmptyState>
        </div>
      )
    }
    if (lines.length === 0) return <First partner={partner} desk={desk} />
    return (
      <Messages
        key={state.window}
        lines={lines}
        name={name}
        older={state.before === undefined ? 'none' : state.older}
        readN={state.readN}
        recordingOf={recordingOf}
        localOf={(id, sound) => localRecording(person, addressOf(person.id, id), sound)}
        synthetic={person.resident}
        newer={state.newer}
        target={target}
        onOlder={() => void talk.older()}
        onNewer={() => void talk.newer()}
        onNewest={toNewest}
        onJump={jump}
        onSeen={isAsked ? unseen : talk.seen}
        onAsk={setAsked}
        onReact={(message, emoji) => void react(message, emoji)}
        onRetry={(line) => outgoing.retry(person.id, line.key)}
        onDiscard={(line) => outgoing.discard(person.id, line.key)}
        onRewrite={rewrite}
      />
    )
  }

  return (
    <div
      className={styles.talk}
      data-own-foot=""
      data-mood={mood['data-mood']}
      style={{ ...mood.style, ...keyboard }}
    >
      <div className={styles.main}>
        <header className={styles.head}>
          <IconButton
            className={styles.back}
            label={t('common.back')}
            icon={ArrowLeft}
            onClick={() => void navigate({ to: '/chats' })}
          />
          <Who partner={partner} desk={desk} typing={state.typing} />
          <div className={styles.call}>{call}</div>
          <IconButton
            label={t('chats.search.within', { name })}
            icon={Search}
            onClick={() =>
              void navigate({ to: '/chats/$person/search', params: { person: person.id } })
            }
          />
          <SafetyMenu person={person} place={match ? 'match' : 'profile'} />
        </header>
        {body()}
        {isAsked || (chat?.asked && isSent) ? (
          <RequestBar partner={partner} />
        ) : (
          <Composer
            person={person}
            talk={talk}
            going={going}
            // A request is one message: while that is on its way there is nothing more to write.
            waits={chat?.asked ? waits?.state : undefined}
            replied={here(queue.drafts.get(person.id)?.reply?.n)}
            editing={editing}
            onEdited={() => setEditing(undefined)}
            onRewrite={rewrite}
            // Whoever came to say the first word can do so at once.
            focus={ready && (desk || lines.length === 0)}
          />
        )}
      </div>
      {desk && (
        <aside className={styles.side} aria-label={t('chats.talk.profile', { name })}>
          <Profile partner={partner} onEnded={() => void navigate({ to: '/chats' })} />
        </aside>
      )}
      {asked && askedOf && !gone && (
        <MessageMenu
          message={askedOf}
          at={asked.at}
          request={chat?.asked}
          onAccept={() => void accept()}
          onClose={() => setAsked(undefined)}
          onReply={reply}
          onReact={(message, emoji) => void react(message, emoji)}
          onEdit={setEditing}
          onRemove={setRemoving}
        />
      )}
      {removing && (
        <Remove
          name={name}
          onClose={() => setRemoving(undefined)}
          onGo={() => talk.remove(removing.id)}
        />
      )}
    </div>
  )
}

/** Tells each message of theirs that comes while the page is open. */
function useNews(messages: readonly Message[] | undefined, tell: (message: Message) => void) {
  const heard = useRef<number>(undefined)
  useEffect(() => {
    const last = messages?.at(-1)
    if (!messages) return
    const before = heard.current
    heard.current = Math.max(before ?? 0, last?.n ?? 0)
    if (before === undefined || !last || last.n <= before) return
    if (!last.mine && !last.deleted) tell(last)
  })
}

/** Nothing of a request is marked as read. */
const unseen = () => {}

function Who({ partner, desk, typing }: { partner: Partner; desk: boolean; typing: boolean }) {
  const { t } = useTranslation()
  const { person } = partner
  return (
    <div className={styles.who}>
      <AuraStill person={person} size={44} />
      <div className={styles.words}>
        <h1>
          {desk ? (
            <NameAndAge of={partner} />
          ) : (
            // Pressed anywhere on aura and name; the room below is a link of its own.
            <Link
              to="/chats/$person/profile"
              params={{ person: person.id }}
              className={styles.whole}
            >
              <bdi className={styles.name}>{person.name}</bdi>
              <span className="only-heard">
                {t('chats.talk.profile', { name: isolate(person.name) })}
              </span>
            </Link>
          )}
        </h1>
        {typing ? (
          <p className={styles.typing}>{t('chats.typing')}</p>
        ) : (
          <PresenceLine person={person} link />
        )}
      </div>
    </div>
  )
}

/** Nobody has said anything: their voice is there to begin with, on a desk at the side. */
function First({ partner, desk }: { partner: Partner; desk: boolean }) {
  const { t } = useTranslation()
  const { person, chat } = partner
  const asks = chat?.asked === 'mine'
  return (
    <div className={styles.rest}>
      <div className={styles.firstWords}>
        {desk ? (
          <Quiet seed={person.id} size={220} />
        ) : (
          <Portrait person={person} size={220} renew={renewOf(person.id)} stays />
        )}
        <h2>
          {t(asks ? 'chats.request.first' : 'chats.talk.first', { name: isolate(person.name) })}
        </h2>
        <p>{t(asks ? 'chats.request.firstText' : 'chats.talk.firstText')}</p>
      </div>
    </div>
  )
}

const shapes = [
  ['a', '62%', false],
  ['b', '44%', false],
  ['c', '56%', true],
  ['d', '70%', false],
  ['e', '38%', true],
] as const

function Waiting() {
  const { t } = useTranslation()
  return (
    <div className={styles.waiting} aria-busy="true">
      <p className="only-heard">{t('chats.loading')}</p>
      {shapes.map(([key, width, mine]) => (
        <span key={key} className={styles.shape} data-mine={mine || undefined}>
          <Skeleton width={width} height="2.75rem" />
        </span>
      ))}
    </div>
  )
}
