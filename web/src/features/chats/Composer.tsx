import { ArrowUp, Check, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import type { Message, Person } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import type { Conversation } from '../../realtime/conversation'
import { outgoing } from '../../realtime/outgoing'
import type { Draft, Outgoing } from '../../realtime/queue'
import { IconButton, Trouble, useFine, useStore } from '../../ui'
import styles from './Composer.module.css'
import type { Line } from './lines'

const empty: Draft = { text: '' }
/** From here on it is said how many are left. */
const tellsLeft = 200

/** Writes the next message, or changes one. What is begun is kept. */
export function Composer({
  person,
  talk,
  going,
  editing,
  onEdited,
  onRewrite,
  focus,
}: {
  person: Pick<Person, 'id' | 'name'>
  talk: Pick<Conversation, 'typing' | 'typed' | 'edit'>
  going: readonly Outgoing[]
  /** The message that is being changed, instead of writing a new one. */
  editing: Message | undefined
  onEdited(): void
  onRewrite(line: Pick<Line, 'key'>): void
  /** Takes the focus when it becomes true. */
  focus: boolean
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const fine = useFine()
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const draft = useStore(outgoing).drafts.get(person.id) ?? empty
  const [change, setChange] = useState('')
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const name = isolate(person.name)
  const text = editing ? change : draft.text

  useEffect(() => {
    if (focus) field.current?.focus()
  }, [focus])

  useEffect(() => {
    setTrouble(undefined)
    if (!editing) return
    setChange(editing.text)
    field.current?.focus()
  }, [editing])

  const replyN = draft.reply?.n
  useEffect(() => {
    if (replyN !== undefined) field.current?.focus()
  }, [replyN])

  // A first message that only greets comes back to be made more of.
  const greeting = going.find(({ problem }) => problem?.code === 'message.greeting')
  useEffect(() => {
    if (!greeting) return
    onRewrite({ key: greeting.id })
    setTrouble('message.greeting')
    field.current?.focus()
  }, [greeting, onRewrite])

  // As high as what is written, up to what the style allows.
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew with each text.
  useLayoutEffect(() => {
    const el = field.current
    if (!el) return
    el.style.blockSize = 'auto'
    el.style.blockSize = `${el.scrollHeight}px`
  }, [text])

  function write(next: string) {
    setTrouble(undefined)
    if (editing) {
      setChange(next)
      return
    }
    outgoing.draft(person.id, { ...draft, text: next })
    if (next.trim() !== '') talk.typing()
  }

  const left = limits.messageMost - [...text.trim()].length

  async function go() {
    const words = text.trim()
    if (words === '' || busy) return
    if (left < 0) {
      setTrouble('message.too_long')
      return
    }
    if (!editing) {
      outgoing.draft(person.id, undefined)
      talk.typed()
      outgoing.send(person.id, draft.reply ? { text: words, reply: draft.reply } : { text: words })
      field.current?.focus()
      return
    }
    if (words === editing.text) {
      onEdited()
      return
    }
    setBusy(true)
    const problem = await talk.edit(editing.id, words)
    setBusy(false)
    if (problem) setTrouble(problem.code)
    else onEdited()
  }

  function cancel() {
    if (editing) onEdited()
    else outgoing.draft(person.id, { text: draft.text })
    field.current?.focus()
  }

  function key(event: KeyboardEvent) {
    // The Enter that ends the choice of a character sends nothing.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key === 'Escape' && (editing || draft.reply)) {
      event.preventDefault()
      cancel()
    }
    if (event.key !== 'Enter' || event.shiftKey || !fine) return
    event.preventDefault()
    void go()
  }

  // No fault, but advice.
  const kind = trouble === 'message.greeting' && { code: trouble }
  const banner = editing
    ? { title: t('chats.write.edit'), text: editing.text }
    : draft.reply && {
        title: draft.reply.mine ? t('chats.write.replySelf') : t('chats.write.reply', { name }),
        text: draft.reply.text,
      }
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault()
        void go()
      }}
    >
      {banner && (
        <div className={styles.banner}>
          <div className={styles.about}>
            <p className={styles.title}>{banner.title}</p>
            <p dir="auto" className={`${styles.cited} cut`}>
              {banner.text}
            </p>
          </div>
          <IconButton icon={X} label={t('common.cancel')} onClick={cancel} />
        </div>
      )}
      <div className={styles.trouble}>
        {kind ? (
          <p role="status" className={styles.kind}>
            {say(kind)}
          </p>
        ) : (
          <Trouble>{trouble && say({ code: trouble, status: 422 })}</Trouble>
        )}
      </div>
      <div className={styles.row}>
        <div className={styles.field}>
          <textarea
            ref={field}
            id={id}
            dir="auto"
            rows={1}
            enterKeyHint={fine ? 'send' : 'enter'}
            aria-label={t('chats.write.label', { name })}
            placeholder={t('chats.write.hint')}
            value={text}
            onChange={(event) => write(event.target.value)}
            onKeyDown={key}
          />
          {left < tellsLeft && (
            <p className={styles.left} data-over={left < 0 || undefined}>
              {left < 0
                ? say({ code: 'message.too_long' })
                : t('chats.write.left', { count: left })}
            </p>
          )}
        </div>
        <IconButton
          type="submit"
          look="primary"
          data-primary=""
          className={styles.send}
          icon={editing ? Check : ArrowUp}
          label={t(editing ? 'common.save' : 'chats.write.send')}
          aria-disabled={text.trim() === '' || busy || undefined}
        />
      </div>
    </form>
  )
}
