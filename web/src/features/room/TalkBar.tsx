import { MessageCircle, SmilePlus } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { api, Problem, type Room } from '../../api'
import type { RoomReaction } from '../../api/types'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { roomReactionKeys } from '../../i18n/vocabulary.gen'
import { roomChat } from '../../realtime/roomChat'
import { Icon, toast, useStore } from '../../ui'
import styles from './TalkBar.module.css'

/** What each is called, in the order of the bar. */
export const reactionNames = [
  'clap',
  'heart',
  'laugh',
  'fire',
  'party',
  'wow',
  'thumb',
  'sad',
] as const

/** Above the bar: a word or a sign to everybody, without the microphone. */
export function TalkBar({ room }: { room: Room }) {
  const { t } = useTranslation()
  const chat = roomChat(room.id)
  const open = useStore(chat.open)
  const { count, mentioned } = useStore(chat.unread)
  const [reacting, setReacting] = useState(false)
  return (
    <div className={styles.talk} data-chat={open || undefined}>
      {reacting && <Reacting room={room.id} onClose={() => setReacting(false)} />}
      <div className={styles.buttons}>
        <button
          type="button"
          className={styles.button}
          aria-expanded={reacting}
          data-opens="reactions"
          onClick={() => setReacting(!reacting)}
        >
          <Icon of={SmilePlus} size={20} />
          <span className={styles.word}>{t('room.react.open')}</span>
        </button>
        <button
          type="button"
          className={styles.button}
          aria-expanded={open}
          data-opens="chat"
          onClick={() => chat.open.set(!open)}
        >
          <Icon of={MessageCircle} size={20} />
          <span className={styles.word}>{t('room.chat.title')}</span>
          {count > 0 && (
            <span className={styles.unread} data-mentioned={mentioned || undefined}>
              <span className="numbers" aria-hidden="true">
                {mentioned ? '@' : count > 99 ? '99+' : count}
              </span>
              <span className="only-heard">
                {t('room.chat.unread', { count, mentioned: mentioned ? 'yes' : 'no' })}
              </span>
            </span>
          )}
        </button>
      </div>
    </div>
  )
}

function Reacting({ room, onClose }: { room: string; onClose(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    row.current?.querySelector('button')?.focus()
  }, [])

  async function show(emoji: RoomReaction) {
    try {
      await api.POST('/api/rooms/{room}/reaction', { params: { path: { room } }, body: { emoji } })
    } catch (thrown) {
      toast({ text: say(Problem.of(thrown)) })
    }
  }

  return (
    <div
      ref={row}
      className={styles.row}
      role="toolbar"
      aria-label={t('room.react.label')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        onClose()
        document.querySelector<HTMLElement>('[data-opens="reactions"]')?.focus()
      }}
    >
      {roomReactionKeys.map((emoji, i) => (
        <button
          key={emoji}
          type="button"
          aria-label={t(`room.react.name.${reactionNames[i] ?? 'clap'}`)}
          onClick={() => void show(emoji)}
        >
          {emoji}
        </button>
      ))}
    </div>
  )
}
