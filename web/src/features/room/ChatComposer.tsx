import { ArrowUp } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import type { Member, Room } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import type { RoomChat } from '../../realtime/roomChat'
import { AuraStill, Button, IconButton, Trouble, useFine, useStore } from '../../ui'
import styles from './Chat.module.css'
import { mentionAt, namesFor } from './mentions'
import { leads } from './model'

/** From here on it is said how many are left. */
const TELLS_LEFT = 80

/** Seconds until one may write again; 0: now. */
function useSeconds(until: number): number {
  const left = () => Math.max(0, Math.ceil((until - Date.now()) / 1000))
  const [seconds, setSeconds] = useState(left)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the clock is what changes
  useEffect(() => {
    setSeconds(left())
    if (until <= Date.now()) return
    const timer = setInterval(() => setSeconds(left()), 500)
    return () => clearInterval(timer)
  }, [until])
  return until <= Date.now() ? 0 : seconds
}

/** Writes in the room; or says why one cannot. */
export function ChatComposer({
  chat,
  room,
  you,
  onRules,
}: {
  chat: RoomChat
  room: Room
  you: Member
  onRules(): void
}) {
  const { t } = useTranslation()
  if (room.chat === 'off') {
    return (
      <div className={styles.shut}>
        <p>{t('room.chat.off')}</p>
        {leads(you) && (
          <Button look="quiet" onClick={onRules}>
            {t('room.chat.rules')}
          </Button>
        )}
      </div>
    )
  }
  if (you.chat_muted && you.role !== 'host') {
    return <p className={styles.shut}>{t('room.chat.muted')}</p>
  }
  return <Writing chat={chat} room={room} you={you} />
}

function Writing({ chat, room, you }: { chat: RoomChat; room: Room; you: Member }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const fine = useFine()
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const draft = useStore(chat.draft)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const [caret, setCaret] = useState(0)
  const [active, setActive] = useState(0)
  const [closed, setClosed] = useState(-1)
  const slow = leads(you) ? 0 : (room.slow_seconds ?? 0)
  const seconds = useSeconds(useStore(chat.waits))
  const waits = slow > 0 && seconds > 0
  const { text } = draft
  const begun = mentionAt(text, caret)
  const names =
    begun && begun.at !== closed ? namesFor(begun.word, room.members, you.person.id) : []
  const left = limits.roomMessageMost - [...text.trim()].length

  // As high as what is written, up to what the style allows.
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew with each text.
  useLayoutEffect(() => {
    const el = field.current
    if (!el) return
    el.style.blockSize = 'auto'
    el.style.blockSize = `${el.scrollHeight}px`
  }, [text])

  function write(next: string, at: number) {
    setTrouble(undefined)
    setCaret(at)
    setActive(0)
    setClosed(-1)
    chat.draft.set({ ...draft, text: next })
  }

  function mention(member: Member) {
    if (!begun) return
    const { name } = member.person
    const head = `${text.slice(0, begun.at)}@${name} `
    const mentions = new Map(draft.mentions).set(name, member.person.id)
    chat.draft.set({ ...draft, text: head + text.slice(caret), mentions })
    setCaret(head.length)
    requestAnimationFrame(() => {
      field.current?.focus()
      field.current?.setSelectionRange(head.length, head.length)
    })
  }

  async function go() {
    if (busy || waits || text.trim() === '') return
    if (left < 0) {
      setTrouble('room.message_long')
      return
    }
    setBusy(true)
    const problem = await chat.send(slow * 1000)
    setBusy(false)
    if (problem && problem.code !== 'room.slow') setTrouble(problem.code)
    field.current?.focus()
  }

  function key(event: KeyboardEvent) {
    // The Enter that ends the choice of a character sends nothing.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    const chosen = names[active]
    if (chosen) {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
      if (step) setActive((active + step + names.length) % names.length)
      else if (event.key === 'Enter' || event.key === 'Tab') mention(chosen)
      else if (event.key === 'Escape') setClosed(begun?.at ?? -1)
      else return
      event.preventDefault()
      return
    }
    if (event.key !== 'Enter' || event.shiftKey || !fine) return
    event.preventDefault()
    void go()
  }

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault()
        void go()
      }}
    >
      {names.length > 0 && (
        <div
          className={styles.names}
          id={`${id}-names`}
          role="listbox"
          aria-label={t('room.chat.mention')}
        >
          {names.map((member, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys.
            <div
              key={member.person.id}
              id={`${id}-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === active}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => mention(member)}
            >
              <AuraStill person={member.person} size={28} />
              <bdi className="cut">{member.person.name}</bdi>
            </div>
          ))}
        </div>
      )}
      <Trouble>{trouble && say({ code: trouble, status: 422 })}</Trouble>
      {waits && (
        <p className={styles.slow} role="timer">
          {t('room.chat.slow', { seconds })}
        </p>
      )}
      <div className={styles.row}>
        <div className={styles.field}>
          <textarea
            ref={field}
            dir="auto"
            rows={1}
            enterKeyHint={fine ? 'send' : 'enter'}
            aria-label={t('room.chat.write')}
            placeholder={t('room.chat.write')}
            {...(names.length > 0 && {
              'aria-controls': `${id}-names`,
              'aria-activedescendant': `${id}-${active}`,
            })}
            value={text}
            onChange={(event) => write(event.target.value, event.target.selectionStart)}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onKeyDown={key}
          />
          {left < TELLS_LEFT && (
            <p className={styles.left} data-over={left < 0 || undefined}>
              {left < 0
                ? say({ code: 'room.message_long' })
                : t('chats.write.left', { count: left })}
            </p>
          )}
        </div>
        <IconButton
          type="submit"
          look="primary"
          icon={ArrowUp}
          label={t('room.chat.send')}
          aria-busy={busy || undefined}
          aria-disabled={busy || waits || text.trim() === '' || undefined}
        />
      </div>
    </form>
  )
}
