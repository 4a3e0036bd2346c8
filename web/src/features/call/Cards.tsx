import { ArrowLeft, ArrowRight } from 'lucide-react'
import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from '../../i18n'
import { type Icebreaker, loadIcebreakers } from '../../i18n/icebreakers'
import { IconButton } from '../../ui'
import styles from './Talking.module.css'

/** A push this far, CSS pixels, is for the next card. */
const FAR = 56

/** Something to talk about when words run out: cards to push aside. */
export function Cards({ keys }: { keys: readonly string[] }) {
  const { t, i18n } = useTranslation()
  const [texts, setTexts] = useState<ReadonlyMap<string, Icebreaker>>()
  const [at, setAt] = useState(0)
  const from = useRef<{ id: number; x: number } | undefined>(undefined)

  useEffect(() => {
    let wanted = true
    loadIcebreakers(i18n.language).then(
      (found) => wanted && setTexts(found),
      // Without them two people still have each other.
      () => undefined,
    )
    return () => {
      wanted = false
    }
  }, [i18n.language])

  const cards = keys.flatMap((key) => texts?.get(key) ?? [])
  const card = cards[at % Math.max(1, cards.length)]
  if (!card) return null
  const turn = (by: number) => setAt((at + by + cards.length) % cards.length)

  const move = (event: PointerEvent<HTMLElement>) => {
    if (from.current?.id !== event.pointerId) return
    event.currentTarget.style.translate = `${event.clientX - from.current.x}px 0`
  }
  const release = (event: PointerEvent<HTMLElement>) => {
    if (from.current?.id !== event.pointerId) return
    const pushed = event.clientX - from.current.x
    from.current = undefined
    event.currentTarget.style.translate = ''
    const back = document.documentElement.dir === 'rtl' ? -pushed : pushed
    if (Math.abs(pushed) > FAR) turn(back < 0 ? 1 : -1)
  }

  return (
    <section
      className={styles.cards}
      aria-label={t('call.cards.label')}
      onKeyDown={(event) => {
        const on = document.documentElement.dir === 'rtl' ? -1 : 1
        if (event.key === 'ArrowRight') turn(on)
        if (event.key === 'ArrowLeft') turn(-on)
      }}
    >
      <div
        key={at}
        className={styles.card}
        onPointerDown={(event) => {
          if (!event.isPrimary) return
          from.current = { id: event.pointerId, x: event.clientX }
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={move}
        onPointerUp={release}
        onPointerCancel={release}
      >
        <p className={styles.kind}>{t(`call.cards.${card.kind}`)}</p>
        <p className={styles.ask} aria-live="polite">
          {card.text}
        </p>
      </div>
      <div className={styles.turns}>
        <IconButton label={t('call.cards.back')} icon={ArrowLeft} onClick={() => turn(-1)} />
        <IconButton label={t('call.cards.next')} icon={ArrowRight} onClick={() => turn(1)} />
      </div>
    </section>
  )
}
