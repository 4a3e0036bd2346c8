import { Ellipsis } from 'lucide-react'
import type { Message, Quote } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { clockTime, dayTitle } from '../../i18n/times'
import { Button, IconButton } from '../../ui'
import type { Line } from './lines'
import { myReaction } from './MessageMenu'
import type { Acts } from './Messages'
import styles from './Talk.module.css'
import { useHold } from './useHold'
import { VoiceMessage } from './VoiceMessage'
import { useSaid } from './voices'

/** One message, with the day above it and what became of it below. */
export function Bubble({
  line,
  name,
  marked,
  onQuote,
  ...acts
}: Acts & {
  line: Line
  name: string
  /** It was jumped to. */
  marked: boolean
  onQuote(n: number): void
}) {
  const { t } = useTranslation()
  return (
    <div
      className={styles.line}
      data-mine={line.mine || undefined}
      data-first={line.first || undefined}
      data-marked={marked || undefined}
    >
      {line.day && (
        <p className={styles.day}>
          <time dateTime={new Date(line.at).toISOString()}>{dayTitle(line.at, Date.now())}</time>
        </p>
      )}
      {line.fresh && (
        <p className={styles.fresh}>
          <span>{t('chats.talk.fresh')}</span>
        </p>
      )}
      {line.message ? (
        <Stored message={line.message} line={line} name={name} onQuote={onQuote} {...acts} />
      ) : (
        <Going line={line} outgoing={line.outgoing} name={name} onQuote={onQuote} {...acts} />
      )}
    </div>
  )
}

function Stored({
  message,
  line,
  name,
  onQuote,
  recordingOf,
  synthetic,
  onAsk,
  onReact,
}: Acts & {
  message: Message
  line: Line & { message: Message }
  name: string
  onQuote(n: number): void
}) {
  const { t } = useTranslation()
  const hold = useHold((at) => onAsk({ n: message.n, at }))
  const mine = myReaction(message)
  const heard = message.mine && message.voice?.heard === true
  if (message.deleted) {
    return (
      <>
        <div className={styles.row}>
          <div className={styles.bubble} data-deleted="">
            <Speaker mine={line.mine} name={name} />
            <p>{t('chats.deleted')}</p>
          </div>
        </div>
        {line.last && <Meta line={line} />}
      </>
    )
  }
  return (
    <>
      <div className={styles.row}>
        <div className={styles.bubble} data-voice={message.voice && ''} {...hold}>
          <Speaker mine={line.mine} name={name} />
          {message.moment && <Answers mine={message.mine} name={name} />}
          {message.reply && <Quoted of={message.reply} name={name} onQuote={onQuote} />}
          {message.voice ? (
            <VoiceMessage
              recording={recordingOf(message)}
              ms={message.voice.ms}
              peaks={message.voice.peaks}
              text={message.text}
              unheard={!message.mine && !message.voice.heard}
              synthetic={!message.mine && synthetic}
            />
          ) : (
            <p dir="auto" className={styles.text}>
              {message.text}
            </p>
          )}
        </div>
        <IconButton
          className={styles.more}
          icon={Ellipsis}
          label={t('chats.message.options')}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            onAsk({ n: message.n, at: { x: box.left, y: box.bottom } })
          }}
        />
      </div>
      {message.reactions.length > 0 && (
        <ul className={styles.reactions}>
          {message.reactions.map(({ emoji, mine: own }) => (
            <li key={own ? 'mine' : 'theirs'}>
              <button
                type="button"
                className={styles.reaction}
                aria-pressed={own}
                aria-label={
                  own
                    ? t('chats.message.withdraw', { emoji })
                    : t('chats.message.reacted', { emoji, name: isolate(name) })
                }
                onClick={() => onReact(message, emoji === mine ? undefined : emoji)}
              >
                {emoji}
              </button>
            </li>
          ))}
        </ul>
      )}
      {(line.last || message.edited || line.read || heard) && (
        <Meta line={line} edited={message.edited} read={line.read} heard={heard} />
      )}
    </>
  )
}

function Going({
  line,
  outgoing,
  name,
  onQuote,
  localOf,
  onRetry,
  onDiscard,
  onRewrite,
}: Acts & {
  line: Line
  outgoing: NonNullable<Line['outgoing']>
  name: string
  onQuote(n: number): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const { state, problem, reply, text, voice, moment } = outgoing
  return (
    <>
      <div className={styles.row}>
        <div className={styles.bubble} data-state={state} data-voice={voice && ''}>
          <Speaker mine name={name} />
          {moment && <Answers mine name={name} />}
          {reply && <Quoted of={reply} name={name} onQuote={onQuote} />}
          {voice ? (
            <VoiceMessage
              recording={localOf(outgoing.id, voice)}
              ms={voice.ms}
              peaks={voice.peaks}
              text={text}
            />
          ) : (
            <p dir="auto" className={styles.text}>
              {text}
            </p>
          )}
        </div>
      </div>
      {state !== 'failed' && (line.last || state === 'waiting') && (
        <p className={styles.meta}>{t(`chats.talk.${state}`)}</p>
      )}
      {state === 'failed' && (
        <div className={styles.failed}>
          <p>{problem ? say(problem) : t('chats.notSent')}</p>
          <div className={styles.ways}>
            <Button look="plain" onClick={() => onRetry(line)}>
              {t('common.retry')}
            </Button>
            {!voice && (
              <Button look="plain" onClick={() => onRewrite(line)}>
                {t('chats.message.edit')}
              </Button>
            )}
            <Button look="plain" onClick={() => onDiscard(line)}>
              {t('chats.message.discard')}
            </Button>
          </div>
        </div>
      )}
    </>
  )
}

/** Who says it, for those who do not see on which side it stands. */
function Speaker({ mine, name }: { mine: boolean; name: string }) {
  const { t } = useTranslation()
  return <span className="only-heard">{mine ? t('chats.talk.you') : name}</span>
}

/** The moment itself may be gone by now. */
function Answers({ mine, name }: { mine: boolean; name: string }) {
  const { t } = useTranslation()
  return (
    <p className={styles.answers}>
      {mine
        ? t('chats.voice.answersTheirs', { name: isolate(name) })
        : t('chats.voice.answersMine')}
    </p>
  )
}

function Quoted({ of, name, onQuote }: { of: Quote; name: string; onQuote(n: number): void }) {
  const { t } = useTranslation()
  const said = useSaid()
  return (
    <button type="button" className={styles.quoted} onClick={() => onQuote(of.n)}>
      <span className={styles.by}>{of.mine ? t('chats.talk.you') : name}</span>
      <bdi className={styles.cited}>{said(of) || t('chats.deleted')}</bdi>
    </button>
  )
}

function Meta({
  line,
  edited,
  read,
  heard,
}: {
  line: Line
  edited?: boolean
  read?: boolean
  heard?: boolean
}) {
  const { t } = useTranslation()
  return (
    <p className={styles.meta}>
      {line.last && (
        <time className="numbers" dateTime={new Date(line.at).toISOString()}>
          {clockTime(line.at)}
        </time>
      )}
      {edited && <span>{t('chats.talk.edited')}</span>}
      {heard && <span>{t('chats.voice.listened')}</span>}
      {read && <span>{t('chats.talk.read')}</span>}
    </p>
  )
}
