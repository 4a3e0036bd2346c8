import { ArrowDown } from 'lucide-react'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Virtualizer, type VirtualizerHandle } from 'virtua'
import type { Message } from '../../api'
import { useTranslation } from '../../i18n'
import type { Sound } from '../../realtime/queue'
import { announce, Button, Icon } from '../../ui'
import type { Recording } from '../../voice/player'
import { Bubble } from './Bubble'
import type { Line } from './lines'
import type { Asked } from './Talk'
import styles from './Talk.module.css'
import { useLooking } from './useLooking'

/** Nearer to the end than this, the newest message is on screen, and new ones are followed. */
const nearPx = 48
/** So far from the first or last message here, the page beyond it is read. */
const aheadPx = 800

export interface Acts {
  /** A voice message as the player knows it; one that is on its way. */
  recordingOf(message: Message): Recording
  localOf(id: string, sound: Sound): Recording
  /** The other is no human. */
  synthetic: boolean
  onAsk(asked: Asked): void
  onReact(message: Message, emoji: string | undefined): void
  onRetry(line: Line): void
  onDiscard(line: Line): void
  onRewrite(line: Line): void
}

/** A message to show: again with another key. */
export interface Target {
  n: number
  key: number
}

/** How long a message that was jumped to is marked. */
const markedMs = 2400

/** What was said, with its newest end in sight unless somebody has scrolled away. */
export function Messages({
  lines,
  name,
  older,
  newer,
  readN,
  target,
  onOlder,
  onNewer,
  onNewest,
  onJump,
  onSeen,
  ...acts
}: Acts & {
  lines: readonly Line[]
  /** Of the other, isolated. */
  name: string
  /** What is before the first line. */
  older: 'none' | 'rest' | 'loading' | 'failed'
  /** Whether there are messages after the last one here. */
  newer: 'none' | 'rest' | 'loading' | 'failed'
  readN: number
  target: Target | undefined
  onOlder(): void
  onNewer(): void
  onNewest(): void
  /** To a message that is not here. */
  onJump(n: number): void
  onSeen(n: number): void
}) {
  const { t } = useTranslation()
  const log = useRef<HTMLDivElement>(null)
  const list = useRef<VirtualizerHandle>(null)
  const follows = useRef(true)
  const [atEnd, setAtEnd] = useState(true)

  const firstKey = lines[0]?.key
  const last = lines.at(-1)
  const before = useRef({ firstKey })
  // Older lines came before those that are shown: these stay where they are.
  const grewAbove =
    before.current.firstKey !== firstKey && lines.some(({ key }) => key === before.current.firstKey)
  useLayoutEffect(() => {
    before.current = { firstKey }
  })

  const attached = newer === 'none'
  const toEnd = () => {
    follows.current = true
    list.current?.scrollToIndex(lines.length - 1, { align: 'end' })
  }

  const [marked, setMarked] = useState<number>()
  const center = useCallback(
    (index: number, { n, mine, text, deleted }: Message) => {
      follows.current = false
      list.current?.scrollToIndex(index, { align: 'center' })
      setMarked(n)
      const said = deleted ? t('chats.deleted') : text
      announce(t('chats.talk.said', { name: mine ? t('chats.talk.you') : name, text: said }))
    },
    [name, t],
  )
  useEffect(() => {
    if (marked === undefined) return undefined
    const timer = setTimeout(() => setMarked(undefined), markedMs)
    return () => clearTimeout(timer)
  }, [marked])

  // Opens at the message asked for, at what is new, or at the end.
  const indexOf = (n: number | undefined) =>
    n === undefined ? -1 : lines.findIndex((one) => one.message?.n === n)
  const targetAt = indexOf(target?.n)
  const targeted = lines[targetAt]?.message
  const freshAt = lines.findIndex(({ fresh }) => fresh)
  const opened = useRef(false)
  useLayoutEffect(() => {
    if (opened.current) return
    opened.current = true
    if (targeted) center(targetAt, targeted)
    else if (freshAt >= 0) {
      follows.current = false
      list.current?.scrollToIndex(freshAt, { align: 'start' })
    } else list.current?.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [freshAt, lines.length, targeted, targetAt, center])
  const shown = useRef(target?.key)
  useLayoutEffect(() => {
    if (!target || !targeted || shown.current === target.key) return
    shown.current = target.key
    center(targetAt, targeted)
  }, [target, targeted, targetAt, center])

  const lastKey = last?.key
  const sent = last?.outgoing !== undefined
  const knownLast = useRef(lastKey)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is new at the end moves it.
  useLayoutEffect(() => {
    // Whoever sends wants to see it.
    if (follows.current || (sent && knownLast.current !== lastKey)) toEnd()
    knownLast.current = lastKey
  }, [lastKey])

  /** Whether the end is in sight. */
  function look(): boolean {
    const el = log.current
    const end = attached && (!el || el.scrollHeight - el.scrollTop - el.clientHeight < nearPx)
    setAtEnd(end)
    return end
  }
  // Knows where it stands, and fills the window, whenever something has changed.
  useEffect(() => {
    look()
    const el = log.current
    if (!el || el.scrollHeight > el.clientHeight) return
    if (older === 'rest') onOlder()
    if (newer === 'rest') onNewer()
  })

  // Lines that were taken for longer than they are shrink without a scroll, and the end comes in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: look differs only by what is attached.
  useEffect(() => {
    const el = log.current
    if (!el) return undefined
    const sizes = new ResizeObserver(look)
    for (const box of [el, ...el.children]) sizes.observe(box)
    return () => sizes.disconnect()
  }, [attached])

  const newest = lines.findLast((line) => line.message && !line.mine)?.message?.n ?? 0
  const looking = useLooking()
  // Measured, not taken from the state, which is a step behind when a conversation opens.
  // biome-ignore lint/correctness/useExhaustiveDependencies: look is asked when these change.
  useEffect(() => {
    if (looking && atEnd && newest > readN && look()) onSeen(newest)
  }, [looking, atEnd, newest, readN, onSeen])

  return (
    <div className={styles.place}>
      {older === 'loading' && (
        <p className={styles.above} role="status">
          {t('chats.talk.loadingOlder')}
        </p>
      )}
      {older === 'failed' && (
        <div className={styles.above} role="status">
          <span>{t('chats.talk.olderFailed')}</span>
          <Button look="plain" onClick={onOlder}>
            {t('common.retry')}
          </Button>
        </div>
      )}
      {/* Lines come and go while one scrolls: what is new is told elsewhere, and once. */}
      <div
        ref={log}
        className={styles.log}
        role="log"
        aria-live="off"
        aria-label={t('chats.talk.label', { name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with keys.
        tabIndex={0}
      >
        <div className={styles.air} />
        <Virtualizer
          ref={list}
          scrollRef={log}
          as="ol"
          item="li"
          shift={grewAbove}
          onScroll={(offset) => {
            follows.current = look()
            if (older === 'rest' && offset < aheadPx) onOlder()
            const el = log.current
            const left = el ? el.scrollHeight - el.scrollTop - el.clientHeight : 0
            if (newer === 'rest' && left < aheadPx) onNewer()
          }}
          onResize={() => {
            if (follows.current) toEnd()
          }}
        >
          {lines.map((line) => (
            <Bubble
              key={line.key}
              line={line}
              name={name}
              marked={line.message !== undefined && line.message.n === marked}
              onQuote={(n) => {
                const at = indexOf(n)
                const quoted = lines[at]?.message
                if (quoted) center(at, quoted)
                else onJump(n)
              }}
              {...acts}
            />
          ))}
        </Virtualizer>
      </div>
      {newer === 'failed' && (
        <div className={styles.above} data-below="" role="status">
          <span>{t('chats.talk.newerFailed')}</span>
          <Button look="plain" onClick={onNewer}>
            {t('common.retry')}
          </Button>
        </div>
      )}
      {!atEnd && newer !== 'failed' && (
        <button
          type="button"
          className={styles.newest}
          onClick={() => (attached ? toEnd() : onNewest())}
        >
          <Icon of={ArrowDown} size={20} />
          <span>{t('chats.talk.newest')}</span>
        </button>
      )}
    </div>
  )
}
