import { Link } from '@tanstack/react-router'
import { Bell, BellRing } from 'lucide-react'
import { useState } from 'react'
import { answer, api, type Counts, type Me, type Preferences, Problem, setMe } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { useOfferPush } from '../../people'
import { Button, buttonClass, EmptyState, Quiet, Skeleton, Trouble } from '../../ui'
import styles from './Card.module.css'
import { deck } from './deck'
import { dropped, isPreference } from './preferences'
import place from './States.module.css'

/** The shape of a card that is coming. */
export function Loading() {
  const { t } = useTranslation()
  return (
    <div className={styles.loading} aria-busy="true">
      <p className="only-heard">{t('discover.loading')}</p>
      <div className={styles.stage}>
        <span className={place.ring} />
      </div>
      <div className={styles.words}>
        <Skeleton width="55%" height="2.5rem" />
        <Skeleton width="70%" height="1rem" />
        <Skeleton width="90%" height="1.25rem" />
      </div>
    </div>
  )
}

export function Failed({ why }: { /** A problem's code. */ why: string }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const which = why === 'offline' ? 'offline' : 'error'
  return (
    <EmptyState
      title={t(`discover.${which}.title`)}
      art={<Quiet seed={`discover-${which}`} size={220} />}
      action={
        <Button look="primary" onClick={() => void deck.again()}>
          {t('common.retry')}
        </Button>
      }
    >
      {why === 'discover.waking' ? say({ code: why }) : t(`discover.${which}.text`)}
    </EmptyState>
  )
}

const needs = ['gender', 'meet', 'intents', 'languages', 'interests', 'home', 'intro'] as const

/** Something is missing that others need to know first. */
export function Closed({ needs: missing }: { needs: readonly string[] }) {
  const { t } = useTranslation()
  const named = needs.filter((key) => missing.includes(key))
  return (
    <section className={place.nobody}>
      <Quiet seed="discover-closed" size={220} />
      <h2>{t('discover.closed.title')}</h2>
      <p>{t('discover.closed.text')}</p>
      <ul className={place.needs}>
        {named.map((key) => (
          <li key={key}>{t(`discover.closed.need.${key}`)}</li>
        ))}
      </ul>
      <div className={place.ways}>
        <Link
          to="/me"
          data-primary=""
          className={buttonClass({ look: 'primary', large: true, full: true })}
        >
          {t('discover.closed.go')}
        </Link>
      </div>
    </section>
  )
}

/** As many conversations are open as this person chose: those come first. */
export function Limited() {
  const { t } = useTranslation()
  return (
    <EmptyState
      title={t('discover.limited.title')}
      art={<Quiet seed="discover-limited" size={220} />}
      action={
        <div className={place.ways}>
          <Link
            to="/chats"
            data-primary=""
            className={buttonClass({ look: 'primary', large: true })}
          >
            {t('discover.limited.chats')}
          </Link>
          <Link to="/me" hash="chats" className={buttonClass({ look: 'plain' })}>
            {t('discover.limited.change')}
          </Link>
        </div>
      }
    >
      {t('discover.limited.text', { days: limits.openDays })}
    </EmptyState>
  )
}

export function Paused() {
  const { t } = useTranslation()
  const { busy, problem, change } = useMe()
  return (
    <EmptyState
      title={t('discover.paused.title')}
      art={<Quiet seed="discover-paused" size={220} />}
      action={
        <>
          <Button look="primary" large busy={busy} onClick={() => change({ paused: false })}>
            {t('discover.paused.go')}
          </Button>
          <Trouble>{problem}</Trouble>
        </>
      }
    >
      {t('discover.paused.text')}
    </EmptyState>
  )
}

/** Nobody who fits is left: said plainly, with what can be done about it. */
export function Nobody(props: Parameters<typeof Widen>[0]) {
  const { t } = useTranslation()
  return (
    <section className={place.nobody}>
      <Quiet seed="discover" size={220} />
      <h2>{t('discover.nobody.title')}</h2>
      <p>{t('discover.nobody.text')}</p>
      <Widen {...props} />
    </section>
  )
}

/** Where few fit: one wish to relax with what that brings, an alert, and the rooms. */
export function Widen({
  thin,
  alert,
  preferences,
  onFilters,
  beside = false,
}: {
  thin: Counts | undefined
  alert: boolean
  preferences: Preferences
  onFilters(): void
  /** A card is there, and its like is what matters most. */
  beside?: boolean
}) {
  const { t } = useTranslation()
  const { busy, problem, change } = useMe()
  const offerPush = useOfferPush()
  const relax = thin?.relax
  const more = thin && relax ? (thin.without[relax] ?? 0) - thin.people : 0
  return (
    <div className={place.ways}>
      {relax && isPreference(relax) && more > 0 ? (
        <Button
          look={beside ? 'quiet' : 'primary'}
          large
          full
          busy={busy}
          onClick={() => void change({ preferences: dropped(preferences, relax) })}
        >
          {t(`discover.relax.${relax}`, { count: more })}
        </Button>
      ) : (
        <Button large full onClick={onFilters}>
          {t('discover.nobody.filters')}
        </Button>
      )}
      <Button
        large
        full
        icon={alert ? BellRing : Bell}
        aria-pressed={alert}
        onClick={async () => {
          await deck.setAlert(!alert)
          if (!alert && deck.get().alert) offerPush()
        }}
      >
        {t('discover.nobody.alert')}
      </Button>
      <Link to="/" className={buttonClass({ look: 'plain', large: true, full: true })}>
        {t('common.toRooms')}
      </Link>
      <Trouble>{problem}</Trouble>
    </div>
  )
}

/** Changes something about oneself, and looks anew who fits. */
export function useMe() {
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  return {
    busy,
    problem: problem && say(problem),
    async change(what: { preferences?: Preferences; paused?: boolean }): Promise<boolean> {
      setBusy(true)
      setProblem(undefined)
      try {
        const next: Me = await answer(api.PATCH('/api/me', { body: what }))
        setMe(next)
        void deck.again()
        return true
      } catch (thrown) {
        setProblem(Problem.of(thrown))
        return false
      } finally {
        setBusy(false)
      }
    },
  }
}
