import * as Dialog from '@radix-ui/react-dialog'
import type { TFunction } from 'i18next'
import { Check, Copy, Pencil, Reply, SmilePlus, Trash2 } from 'lucide-react'
import { type CSSProperties, type ReactElement, useRef, useState } from 'react'
import { type Chat, type Message, serverNow } from '../../api'
import { language, useTranslation } from '../../i18n'
import { limits } from '../../i18n/vocabulary.gen'
import { Button, backTo, Icon, Sheet, toast, useDesk } from '../../ui'
import styles from './MessageMenu.module.css'
import type { Asked } from './Talk'
import talk from './Talk.module.css'
import { useSaid } from './voices'

/** What most people answer with. */
const quick = ['❤️', '😂', '👍', '😮', '😢', '🔥']

/** Large, and most people find theirs among the quick ones: fetched when it is asked for. */
async function pickerIn(t: TFunction) {
  const [{ EmojiPicker }, { emojiIn }] = await Promise.all([
    import('./EmojiPicker'),
    import('./emoji'),
  ])
  return { EmojiPicker, data: await emojiIn(language(), t) }
}

const mayEdit = ({ mine, at }: Message) => mine && serverNow() < at + limits.editMinutes * 60_000

export const myReaction = ({ reactions }: Message) => reactions.find(({ mine }) => mine)?.emoji

/** What can be done with one message: from below on a phone, at the pointer on a desk. */
export function MessageMenu({
  message,
  at,
  request,
  onClose,
  onAccept,
  onReply,
  onReact,
  onEdit,
  onRemove,
}: {
  message: Message
  at: Asked['at']
  /** Until it is accepted, a request can be read and taken back, and nothing else. */
  request: Chat['asked']
  onClose(): void
  onAccept(): void
  onReply(message: Message): void
  onReact(message: Message, emoji: string | undefined): void
  onEdit(message: Message): void
  onRemove(message: Message): void
}) {
  const { t } = useTranslation()
  const desk = useDesk()
  const said = useSaid()
  const mine = myReaction(message)
  const [picker, setPicker] = useState<Awaited<ReturnType<typeof pickerIn>>>()
  const [fetching, setFetching] = useState(false)
  const then = (act: () => void) => () => {
    onClose()
    act()
  }
  async function more() {
    setFetching(true)
    try {
      setPicker(await pickerIn(t))
    } catch {
      toast({ text: t('chats.emoji.failed') })
    }
    setFetching(false)
  }
  async function copy() {
    try {
      await navigator.clipboard.writeText(message.text)
      toast({ text: t('chats.message.copied') })
    } catch {
      toast({ text: t('chats.message.notCopied') })
    }
  }
  const body = (
    <div className={styles.menu}>
      {!request && (
        <>
          <div className={styles.quick}>
            {quick.map((emoji) => (
              <button
                key={emoji}
                type="button"
                className={styles.emoji}
                aria-pressed={emoji === mine}
                aria-label={t(emoji === mine ? 'chats.message.withdraw' : 'chats.message.react', {
                  emoji,
                })}
                onClick={then(() => onReact(message, emoji === mine ? undefined : emoji))}
              >
                {emoji}
              </button>
            ))}
            <button
              type="button"
              className={styles.emoji}
              aria-label={t('chats.emoji.more')}
              aria-busy={fetching || undefined}
              onClick={() => void more()}
            >
              <Icon of={SmilePlus} />
            </button>
          </div>
          <Button
            look="plain"
            full
            icon={Reply}
            className={styles.way}
            onClick={then(() => onReply(message))}
          >
            {t('chats.message.reply')}
          </Button>
        </>
      )}
      {message.text !== '' && 'clipboard' in navigator && (
        <Button
          look="plain"
          full
          icon={Copy}
          className={styles.way}
          onClick={then(() => void copy())}
        >
          {t('chats.message.copy')}
        </Button>
      )}
      {!request && mayEdit(message) && (
        <Button
          look="plain"
          full
          icon={Pencil}
          className={styles.way}
          onClick={then(() => onEdit(message))}
        >
          {t(message.voice && message.text === '' ? 'chats.voice.add' : 'chats.message.edit')}
        </Button>
      )}
      {request === 'theirs' && (
        <Button look="plain" full icon={Check} className={styles.way} onClick={then(onAccept)}>
          {t('chats.request.accept')}
        </Button>
      )}
      {message.mine && (
        <Button
          look="plain"
          full
          icon={Trash2}
          className={`${styles.way} ${styles.grave}`}
          onClick={then(() => onRemove(message))}
        >
          {t('chats.message.delete')}
        </Button>
      )}
    </div>
  )
  if (desk && !picker) {
    return (
      <AtPointer at={at} onClose={onClose}>
        {body}
      </AtPointer>
    )
  }
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(picker ? 'chats.emoji.title' : 'chats.message.options')}
    >
      {picker ? (
        <picker.EmojiPicker
          data={picker.data}
          onChoose={(emoji) => then(() => onReact(message, emoji === mine ? undefined : emoji))()}
        />
      ) : (
        <>
          <p dir="auto" className={talk.about}>
            {said(message)}
          </p>
          {body}
        </>
      )}
    </Sheet>
  )
}

function AtPointer({
  at,
  onClose,
  children,
}: {
  at: Asked['at']
  onClose(): void
  children: ReactElement
}) {
  const { t } = useTranslation()
  const opener = useRef<Element | null>(null)
  // A pointer is measured from the left, the place from where lines begin.
  const x = document.documentElement.dir === 'rtl' ? innerWidth - at.x : at.x
  const place = { '--x': `${x}px`, '--y': `${at.y}px` } as CSSProperties
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.around} />
        <Dialog.Content
          className={styles.pop}
          style={place}
          aria-describedby={undefined}
          onOpenAutoFocus={() => {
            opener.current = document.activeElement
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            // What was chosen may have taken the focus already.
            if (document.activeElement === document.body) backTo(opener.current)
          }}
        >
          <Dialog.Title className="only-heard">{t('chats.message.options')}</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
