import { ChevronDown, Search, SlidersHorizontal, X } from 'lucide-react'
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { flushSync } from 'react-dom'
import type { Member, Room } from '../../api'
import type { RoomMessage } from '../../api/types'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { onBlocked } from '../../people'
import { type RoomChat, roomChat } from '../../realtime/roomChat'
import { listenTalk } from '../../realtime/roomTalk'
import { announce, Button, IconButton, Skeleton, toast, useDesk, useFine, useStore } from '../../ui'
import { useBackCloses } from '../../ui/useBackCloses'
import { useKeyboardHeight } from '../../ui/useKeyboardHeight'
import styles from './Chat.module.css'
import { ChatComposer } from './ChatComposer'
import { Lines } from './ChatLines'
import { MessageSheet } from './ChatMessageSheet'
import { ChatRules } from './ChatRules'
import { ChatSearch } from './ChatSearch'
import { leads } from './model'

type Props = { room: Room; you: Member; onPerson(id: string): void }

/** The chat beside the room on a desk, over its lower part on a phone. The microphone stays in reach. */
export function Chat(props: Props) {
  const chat = roomChat(props.room.id)
  const desk = useDesk()
  const open = useStore(chat.open)
  useEffect(() => onBlocked((person) => chat.forget(person)), [chat])
  return open && !desk ? <Panel {...props} chat={chat} /> : null
}

/** The same in the side panel of a desk; `otherwise` stands there while it is closed. */
export function SideChat({ otherwise, ...props }: Props & { otherwise: ReactNode }) {
  const chat = roomChat(props.room.id)
  const desk = useDesk()
  const open = useStore(chat.open)
  return open && desk ? <Panel {...props} chat={chat} side /> : otherwise
}

type Over = { what: 'nothing' } | { what: 'rules' } | { what: 'message'; message: RoomMessage }

function Panel({
  room,
  you,
  onPerson,
  chat,
  side = false,
}: Props & { chat: RoomChat; side?: boolean }) {
  const { t } = useTranslation()
  const fine = useFine()
  const keyboard = useKeyboardHeight()
  const [searching, setSearching] = useState(false)
  const [over, setOver] = useState<Over>({ what: 'nothing' })
  const panel = useRef<HTMLElement>(null)
  const close = () => {
    // As long as the chat is open, its button is out of sight and takes no focus.
    flushSync(() => chat.open.set(false))
    document.querySelector<HTMLElement>('[data-opens="chat"]')?.focus()
  }
  useBackCloses(!side, close)
  useEffect(() => chat.look(), [chat])
  useHeard(chat, you)

  // With keys at hand one begins to write; a keyboard on the screen would cover what was said.
  useEffect(() => {
    if (fine) panel.current?.querySelector('textarea')?.focus()
    else panel.current?.focus()
  }, [fine])

  function key(event: KeyboardEvent) {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    event.preventDefault()
    if (searching) setSearching(false)
    else close()
  }

  return (
    <section
      ref={panel}
      className={side ? styles.side : styles.over}
      aria-label={t('room.chat.title')}
      tabIndex={-1}
      onKeyDown={key}
      {...(keyboard && !side ? { style: keyboard, 'data-keyboard': '' } : {})}
      data-testid="room-chat"
    >
      <header className={styles.head}>
        <h2>{t('room.chat.title')}</h2>
        <IconButton
          icon={Search}
          label={t('room.chat.search')}
          aria-pressed={searching}
          onClick={() => setSearching(!searching)}
        />
        {leads(you) && (
          <IconButton
            icon={SlidersHorizontal}
            label={t('room.chat.rules')}
            onClick={() => setOver({ what: 'rules' })}
          />
        )}
        <IconButton icon={side ? X : ChevronDown} label={t('room.chat.close')} onClick={close} />
      </header>
      {searching ? (
        <ChatSearch room={room.id} you={you} />
      ) : (
        <Messages
          chat={chat}
          you={you}
          onMenu={(message) => setOver({ what: 'message', message })}
        />
      )}
      <ChatComposer chat={chat} room={room} you={you} onRules={() => setOver({ what: 'rules' })} />
      <ChatRules
        open={over.what === 'rules'}
        onOpenChange={(open) => !open && setOver({ what: 'nothing' })}
        room={room}
      />
      {over.what === 'message' && (
        <MessageSheet
          message={over.message}
          room={room}
          you={you}
          onClose={() => setOver({ what: 'nothing' })}
          onRemove={(message) => chat.remove(message)}
          onPerson={onPerson}
        />
      )}
    </section>
  )
}

/** Reads out what is written while one looks. That one is mentioned is said wherever one is. */
function useHeard(chat: RoomChat, you: Member) {
  const { t } = useTranslation()
  useEffect(
    () =>
      listenTalk({
        heard(event, roomId) {
          if (event.type !== 'message' || roomId !== chat.roomId) return
          const { person, text, mentioned } = event.message
          if (mentioned || person.id === you.person.id) return
          announce(t('room.chat.said', { name: isolate(person.name), text: isolate(text) }))
        },
      }),
    [chat, t, you.person.id],
  )
}

/** Nearer to the end than this, one is at the end, and what comes is followed. */
const NEAR_PX = 80

function Messages({
  chat,
  you,
  onMenu,
}: {
  chat: RoomChat
  you: Member
  onMenu(m: RoomMessage): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const state = useStore(chat)
  const { messages, next } = state
  const list = useRef<HTMLElement>(null)
  const atEnd = useRef(true)
  const [older, setOlder] = useState(false)
  const last = messages.at(-1)
  const newest = useRef(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the last message is what moves it
  useLayoutEffect(() => {
    const el = list.current
    const at = last?.at ?? 0
    // Whoever writes wants to see it arrive, wherever they have been reading.
    const wrote = last?.person.id === you.person.id && at > newest.current
    newest.current = at
    if (el && (atEnd.current || wrote)) el.scrollTop = el.scrollHeight
  }, [last?.id])

  async function more() {
    const el = list.current
    const fromEnd = el ? el.scrollHeight - el.scrollTop : 0
    setOlder(true)
    const problem = await chat.older()
    setOlder(false)
    if (problem) toast({ text: say(problem) })
    requestAnimationFrame(() => {
      if (el) el.scrollTop = el.scrollHeight - fromEnd
    })
  }

  return (
    <section
      ref={list}
      className={styles.list}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys.
      tabIndex={0}
      aria-label={t('room.chat.messages')}
      aria-busy={(state.status === 'loading' && messages.length === 0) || undefined}
      onScroll={({ currentTarget: el }) => {
        atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < NEAR_PX
      }}
    >
      {state.status === 'offline' && (
        <p className={styles.state} role="status">
          {t('room.chat.offline')}
        </p>
      )}
      {state.status === 'error' && (
        <div className={styles.state} role="status">
          <p>{say(state.problem)}</p>
          <Button look="quiet" onClick={chat.retry}>
            {t('common.retry')}
          </Button>
        </div>
      )}
      {next !== undefined && (
        <Button look="plain" busy={older} onClick={() => void more()}>
          {t('room.chat.older')}
        </Button>
      )}
      {state.status === 'loading' && messages.length === 0 && (
        <div className={styles.waiting} aria-hidden="true">
          <Skeleton width="55%" height="1.25rem" />
          <Skeleton width="80%" height="1.25rem" />
          <Skeleton width="40%" height="1.25rem" />
        </div>
      )}
      {state.status === 'ready' && messages.length === 0 && (
        <p className={styles.state}>{t('room.chat.empty')}</p>
      )}
      <Lines messages={messages} you={you} onMenu={onMenu} />
    </section>
  )
}
