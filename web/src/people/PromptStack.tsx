import { Shuffle } from 'lucide-react'
import { type PointerEvent, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from '../i18n'
import { loadPrompts, type Prompts } from '../i18n/prompts'
import { Button, Skeleton } from '../ui'
import styles from './Recorder.module.css'

/** Farther than this a card is thrown away, CSS pixels. */
const THROWN = 56

export interface Stack {
  /** Key of the card on top; undefined while the cards are fetched. */
  key: string | undefined
  text: string | undefined
  failed: boolean
  next(): void
  retry(): void
}

function shuffled(keys: readonly string[]): string[] {
  const all = [...keys]
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[all[i], all[j]] = [all[j] as string, all[i] as string]
  }
  return all
}

/** All cards, shuffled once; `first` lies on top, those answered elsewhere are left out. */
export function useStack(without: readonly string[] = [], first?: string): Stack {
  const { i18n } = useTranslation()
  const [cards, setCards] = useState<Prompts>()
  const [order, setOrder] = useState<string[]>([])
  const [at, setAt] = useState(0)
  const [failed, setFailed] = useState(false)
  const used = without.join()

  const load = useCallback(async () => {
    setFailed(false)
    try {
      const all = await loadPrompts(i18n.language)
      const out = used.split(',')
      setCards(all)
      setOrder((before) =>
        before.length > 0
          ? before
          : [
              ...(first && first in all ? [first] : []),
              ...shuffled(Object.keys(all).filter((key) => key !== first && !out.includes(key))),
            ],
      )
    } catch {
      setFailed(true)
    }
  }, [i18n.language, used, first])
  useEffect(() => {
    void load()
  }, [load])

  const key = order[at % Math.max(1, order.length)]
  return {
    key,
    text: key === undefined ? undefined : cards?.[key],
    failed,
    next: () => setAt((n) => n + 1),
    retry: () => void load(),
  }
}

/** The card on top, with the next ones behind it. A push to the side or the button brings another. */
export function PromptStack({ stack, still }: { stack: Stack; still: boolean }) {
  const { t } = useTranslation()
  const card = useRef<HTMLDivElement>(null)
  const from = useRef<number | undefined>(undefined)

  const moved = (event: PointerEvent) =>
    from.current === undefined ? 0 : event.clientX - from.current
  const place = (x: number) => {
    if (card.current) card.current.style.translate = `${x}px`
  }

  if (stack.failed) {
    return (
      <div className={styles.card}>
        <p>{t('recorder.cards.failed')}</p>
        <Button onClick={stack.retry}>{t('common.retry')}</Button>
      </div>
    )
  }
  return (
    <div className={styles.stack} data-still={still || undefined}>
      <div
        key={stack.key}
        ref={card}
        className={styles.card}
        onPointerDown={(event) => {
          if (still || event.button !== 0) return
          from.current = event.clientX
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={(event) => place(moved(event))}
        onPointerUp={(event) => {
          const far = Math.abs(moved(event)) > THROWN
          from.current = undefined
          place(0)
          if (far) stack.next()
        }}
        onPointerCancel={() => {
          from.current = undefined
          place(0)
        }}
      >
        {stack.text ? (
          <p className={styles.prompt} aria-live="polite">
            {stack.text}
          </p>
        ) : (
          <div className={styles.coming} aria-busy="true">
            <span className="only-heard">{t('recorder.cards.loading')}</span>
            <Skeleton height="1.75rem" />
            <Skeleton width="60%" height="1.75rem" />
          </div>
        )}
      </div>
      <Button look="plain" icon={Shuffle} className={styles.shuffle} onClick={stack.next}>
        {t('recorder.cards.next')}
      </Button>
    </div>
  )
}
