import { ArrowUp, Check, Mic, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import type { Message, Person } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { Unable } from '../../people'
import type { Conversation } from '../../realtime/conversation'
import { outgoing } from '../../realtime/outgoing'
import type { Draft, Outgoing } from '../../realtime/queue'
import { IconButton, Trouble, useFine, useStore } from '../../ui'
import styles from './Composer.module.css'
import type { Line } from './lines'
import { useRecording } from './useRecording'
import { HoldHint, Recording, VoiceDraft } from './VoiceDesk'
import { isLeaving, sendVoiceDraft, useSaid } from './voices'

const empty: Draft = { text: '' }
/** From here on it is said how many are left. */
const tellsLeft = 200

/** Writes the next message, or changes one. What is begun is kept. */
export function Composer({
  person,
  talk,
  going,
  waits,
  replied,
  editing,
  onEdited,
  onRewrite,
  focus,
}: {
  person: Pick<Person, 'id' | 'name' | 'voice'>
  talk: Pick<Conversation, 'typing' | 'typed' | 'edit'>
  going: readonly Outgoing[]
  /** Nothing can be written until what is on its way has arrived. */
  waits: Outgoing['state'] | undefined
  /** The message that is replied to as it is now, if it is here. */
  replied: Message | undefined
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
  const said = useSaid()
  const name = isolate(person.name)
  const text = editing ? change : draft.text
  const voice = editing || (draft.voice && isLeaving(draft.voice)) ? undefined : draft.voice
  const { note, round, level, recording } = useRecording(person.id)
  const speaks = !editing && !voice && !waits && text.trim() === ''
  /** The round control is the microphone, and stays it while a finger is on it. */
  const records = recording === 'held' || recording === 'asking' || (speaks && !recording)

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
    note?.dismiss()
    if (editing) {
      setChange(next)
      return
    }
    outgoing.draft(person.id, { ...draft, text: next })
    if (next.trim() !== '') talk.typing()
  }

  const left = limits.messageMost - [...text.trim()].length

  async function go() {
    if (recording === 'locked') return note?.send()
    if (waits) return
    const words = text.trim()
    if ((words === '' && !voice && !editing?.voice) || busy) return
    if (left < 0) {
      setTrouble('message.too_long')
      return
    }
    if (voice) {
      sendVoiceDraft(person.id)
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
    else {
      const { reply: _, ...rest } = draft
      outgoing.draft(person.id, rest)
    }
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
    ? {
        title: t(editing.voice ? 'chats.write.editVoice' : 'chats.write.edit'),
        text: said(editing),
      }
    : draft.reply && {
        title: draft.reply.mine ? t('chats.write.replySelf') : t('chats.write.reply', { name }),
        // What was deleted since must not live on in a quote.
        text: replied?.deleted ? t('chats.deleted') : said(replied ?? draft.reply),
      }
  return (
    <form
      className={styles.composer}
      data-voice-desk=""
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
        {note && <Unable note={note} />}
      </div>
      {voice && <VoiceDraft person={person} voice={voice} />}
      <div className={styles.row}>
        {note && recording && <Recording note={note} held={recording === 'held'} />}
        <div className={styles.field} hidden={recording !== undefined}>
          <textarea
            ref={field}
            id={id}
            dir="auto"
            rows={1}
            enterKeyHint={fine ? 'send' : 'enter'}
            aria-label={
              voice || editing?.voice
                ? t('chats.voice.wordsLabel')
                : t('chats.write.label', { name })
            }
            // Stays in focus, for it may come back to be changed.
            readOnly={waits !== undefined}
            placeholder={voice || editing?.voice ? t('chats.voice.words') : t('chats.write.hint')}
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
        {recording === 'held' && <HoldHint />}
        <IconButton
          ref={level}
          type={records ? 'button' : 'submit'}
          look="primary"
          data-primary=""
          className={styles.send}
          data-recording={recording}
          icon={editing ? Check : records ? Mic : ArrowUp}
          label={
            editing
              ? t('common.save')
              : records
                ? t('chats.voice.record')
                : t(voice || recording ? 'chats.voice.send' : 'chats.write.send')
          }
          aria-describedby={records ? `${id}-hold` : undefined}
          aria-disabled={busy || waits !== undefined || undefined}
          {...(records && round)}
        />
        <p id={`${id}-hold`} hidden>
          {t('chats.voice.hint')}
        </p>
      </div>
    </form>
  )
}
