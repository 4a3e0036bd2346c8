import { ArrowLeft } from 'lucide-react'
import { type FormEvent, type ReactNode, useEffect, useRef } from 'react'
import type { Me } from '../../api'
import { useTranslation } from '../../i18n'
import { Button, IconButton, Trouble } from '../../ui'
import { Closing } from './Closing'
import type { Question } from './order'
import styles from './Step.module.css'

/** What every question has in common: where one is, the way back, on, past it, and in. */
export interface Way {
  question: Question
  name: string
  done: readonly Question[]
  /** None on the first one of this visit. */
  back?: () => void
  later(): void
  enter(): void
  /** Entering is under way. */
  entering: boolean
  /** What went wrong with it, in words. */
  trouble: string | undefined
}

/** What every question is given. */
export interface Asked {
  me: Me
  way: Way
  /** Answered: the server knows. */
  onAnswer(me: Me): void
}

export function Step({
  way,
  title,
  lead,
  long = false,
  error,
  busy = false,
  onContinue,
  children,
}: {
  way: Way
  title: string
  lead?: ReactNode
  /** Needs the room more than the ring does. */
  long?: boolean
  error?: string
  busy?: boolean
  /** None where the step has a button of its own for it. */
  onContinue?: () => void
  children: ReactNode
}) {
  const { t } = useTranslation()
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef<Question | undefined>(undefined)
  useEffect(() => {
    const before = shown.current
    shown.current = way.question
    if (before === way.question) return
    window.scrollTo(0, 0)
    heading.current?.focus({ preventScroll: true })
  }, [way.question])

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!busy) onContinue?.()
  }

  return (
    <main className={`${styles.step} ${long ? styles.long : ''}`}>
      <div className={styles.top}>
        {way.back ? (
          <IconButton label={t('common.back')} icon={ArrowLeft} onClick={way.back} />
        ) : (
          <span />
        )}
      </div>
      <div className={styles.art}>
        <Closing name={way.name} done={way.done} at={way.question} />
      </div>
      <form className={styles.form} noValidate onSubmit={submit}>
        <div className={styles.words}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p className={styles.lead}>{lead}</p>}
        </div>
        <div key={way.question} className={styles.body}>
          {children}
        </div>
        <div className={styles.foot}>
          <Trouble>{error ?? way.trouble}</Trouble>
          {onContinue && (
            <Button type="submit" look="primary" large full busy={busy} meant={way.question}>
              {t('onboarding.action')}
            </Button>
          )}
          <div className={styles.quiet}>
            <Button look="plain" meant={way.question} onClick={way.later}>
              {t('onboarding.later')}
            </Button>
            <Button look="plain" busy={way.entering} meant={way.question} onClick={way.enter}>
              {t('onboarding.enter')}
            </Button>
          </div>
        </div>
      </form>
    </main>
  )
}
