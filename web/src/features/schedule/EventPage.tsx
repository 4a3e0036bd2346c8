import { Link, useRouter } from '@tanstack/react-router'
import { AudioLines, CalendarPlus, Mic, Settings, Share2, UserPlus, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { api, me, type EventPage as Page_, Problem } from '../../api'
import { isolate, languageName, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { clockTime, dayTitle, elsewhere, lasting } from '../../i18n/times'
import { onBlocked, SafetyMenu, useCommand } from '../../people'
import {
  AuraStill,
  Button,
  buttonClass,
  EmptyState,
  Icon,
  IconButton,
  mood,
  Page,
  Quiet,
  Skeleton,
  Trouble,
  toast,
  useStore,
} from '../../ui'
import { EventMenu } from './EventMenu'
import { useEvent, useKeepEvent, useStart } from './events'
import { Going } from './Going'
import { InviteSheet } from './InviteSheet'
import { PlanSheet } from './PlanSheet'
import styles from './Schedule.module.css'

/** One event: when it is, what it is about, and who is there. */
export function EventPage({ event: id }: { event: string }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const router = useRouter()
  const read = useEvent(id)
  const keep = useKeepEvent()
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the same at any time
  useEffect(() => onBlocked(() => void keep()), [])
  const toEvents = () => void router.navigate({ to: '/events', search: {}, replace: true })
  const back = () => (router.history.canGoBack() ? router.history.back() : toEvents())
  const problem = read.error && Problem.of(read.error)
  const gone = problem?.status === 404
  if (read.data && !gone) return <Shown event={read.data} onBack={back} />
  return (
    <Page title={t('event.one')} onBack={back}>
      {!problem ? (
        <div aria-busy="true" className={styles.page}>
          <Skeleton width="50%" height="1rem" />
          <Skeleton width="80%" height="3rem" />
          <Skeleton width="90%" height="1rem" />
        </div>
      ) : (
        <EmptyState
          title={say(problem)}
          art={<Quiet seed="event-lost" size={220} />}
          action={
            gone ? (
              <Button look="primary" onClick={toEvents}>
                {t('event.toEvents')}
              </Button>
            ) : (
              <Button look="primary" onClick={() => void read.refetch()}>
                {t('common.retry')}
              </Button>
            )
          }
        />
      )}
    </Page>
  )
}

function Shown({ event, onBack }: { event: Page_; onBack(): void }) {
  const { t } = useTranslation()
  const who = useStore(me)
  const keep = useKeepEvent()
  const [menu, setMenu] = useState(false)
  const [editing, setEditing] = useState(false)
  const [inviting, setInviting] = useState(false)
  const hosts = who.status === 'in' && who.me.id === event.host.id
  const changes = hosts && event.state === 'planned'
  const first = <First event={event} hosts={hosts} />
  const more = <More event={event} onInvite={changes ? () => setInviting(true) : undefined} />

  return (
    <Page
      title={<bdi>{event.title}</bdi>}
      onBack={onBack}
      aside={
        changes && (
          <IconButton icon={Settings} label={t('event.menu.open')} onClick={() => setMenu(true)} />
        )
      }
      side={
        <div className={styles.side} {...mood(event.category)}>
          {first}
          {more}
        </div>
      }
    >
      <div className={styles.page} {...mood(event.category)}>
        <When event={event} />
        <div className={`${styles.phone} ${styles.stays}`}>{first}</div>
        {event.answer !== 'none' && <Asked event={event} />}
        {event.about && (
          <p className={styles.about} dir="auto">
            {event.about}
          </p>
        )}
        {event.replay_id && (
          <Link
            to="/replays/$replay"
            params={{ replay: event.replay_id }}
            className={buttonClass({ large: true, full: true })}
          >
            <Icon of={AudioLines} size={20} />
            <span>{t(event.state === 'over' ? 'event.replay' : 'event.replayLast')}</span>
          </Link>
        )}
        <Host event={event} hosts={hosts} />
        <People event={event} hosts={changes} />
        <Goers event={event} />
        <div className={styles.phone}>{more}</div>
      </div>
      <EventMenu
        open={menu}
        onOpenChange={setMenu}
        event={event}
        onEdit={() => {
          setMenu(false)
          setEditing(true)
        }}
      />
      <PlanSheet
        open={editing}
        onOpenChange={setEditing}
        event={event}
        onDone={(done) => void keep(done)}
      />
      <InviteSheet open={inviting} onOpenChange={setInviting} event={event} />
    </Page>
  )
}

/** The time, as large as the title: in words, here and where the host is. */
function When({ event }: { event: Page_ }) {
  const { t } = useTranslation()
  const there = elsewhere(event.starts_at, event.zone)
  const facts = [
    t(`category.${event.category}`),
    languageName(event.language),
    t(`lobby.start.shape.${event.shape}`),
    ...(event.access === 'open' ? [] : [t(`event.access.${event.access}`)]),
    ...(event.recorded ? [t('event.recorded')] : []),
  ]
  return (
    <div className={styles.head}>
      {event.state === 'planned' ? (
        <time
          className={`${styles.big} numbers`}
          dateTime={new Date(event.starts_at).toISOString()}
        >
          <span>{dayTitle(event.starts_at, Date.now())}</span>
          <b>{clockTime(event.starts_at)}</b>
        </time>
      ) : (
        <p className={styles.big}>
          <b>{t(`event.${event.state}`)}</b>
        </p>
      )}
      <p className={`${styles.facts} numbers`}>
        {there && event.state === 'planned' && <span>{t('event.hostTime', { when: there })}</span>}
        <span>
          {[lasting(event.minutes), event.weekly && t('event.weekly')].filter(Boolean).join(' · ')}
        </span>
        <strong>{facts.join(' · ')}</strong>
        {event.club && (
          <Link to="/clubs/$club" params={{ club: event.club.id }} className={styles.club}>
            <bdi>{event.club.name}</bdi>
          </Link>
        )}
      </p>
    </div>
  )
}

/** The one thing to do now. */
function First({ event, hosts }: { event: Page_; hosts: boolean }) {
  const { t } = useTranslation()
  const { busy, trouble, start } = useStart(event.id)
  if (event.can_start && event.state === 'planned') {
    return (
      <div className={styles.ways}>
        <Button
          look="primary"
          large
          full
          icon={Mic}
          busy={busy !== undefined}
          onClick={() => void start()}
        >
          {t('event.start.go')}
        </Button>
        <Trouble>{trouble}</Trouble>
      </div>
    )
  }
  if (hosts && event.state === 'planned') {
    return <p className={styles.hint}>{t('event.start.early')}</p>
  }
  if (event.answer === 'none' && event.state === 'planned') return <Asked event={event} />
  // Whoever takes part is told as those are who go.
  if (event.answer === 'accepted' && !event.room_id && !event.going) return null
  return <Going event={event} size="large" />
}

/** What one can do beside that. */
function More({ event, onInvite }: { event: Page_; onInvite: (() => void) | undefined }) {
  const { t } = useTranslation()
  async function share() {
    const url = location.href
    if (typeof navigator.share === 'function') {
      const text = t('event.shareText', { title: isolate(event.title) })
      // Whoever closes the system's sheet has chosen not to.
      await navigator.share({ title: event.title, text, url }).catch(() => undefined)
      return
    }
    try {
      await navigator.clipboard.writeText(url)
      toast({ text: t('event.copied') })
    } catch {
      toast({ text: t('room.menu.notCopied') })
    }
  }
  if (event.state === 'over' || event.state === 'cancelled') return null
  return (
    <div className={styles.ways}>
      {onInvite && (
        <Button large full icon={UserPlus} onClick={onInvite}>
          {t('event.people.invite')}
        </Button>
      )}
      <a
        href={`/api/events/${event.id}/calendar`}
        download="heyy.ics"
        className={buttonClass({ large: true, full: true })}
      >
        <Icon of={CalendarPlus} size={20} />
        <span>{t('event.add')}</span>
      </a>
      <Button large full icon={Share2} onClick={() => void share()}>
        {t('event.share')}
      </Button>
    </div>
  )
}

/** Somebody asks one to take part. */
function Asked({ event }: { event: Page_ }) {
  const { t } = useTranslation()
  const keep = useKeepEvent()
  const { busy, trouble, run } = useCommand()
  if (!event.part || event.state === 'over' || event.state === 'cancelled') return null
  const answerWith = (accept: boolean) =>
    run(String(accept), () =>
      api.PUT('/api/events/{event}/answer', {
        params: { path: { event: event.id } },
        body: { accept },
      }),
    ).then(() => keep())
  return (
    <section className={styles.asked}>
      <p>
        {event.answer === 'none'
          ? t(`event.asked.${event.part}`, { name: isolate(event.host.name) })
          : t(`event.asked.${event.answer ?? 'accepted'}`)}
      </p>
      <div className={styles.answers}>
        {event.answer !== 'accepted' && (
          <Button
            look={event.answer === 'none' ? 'primary' : 'quiet'}
            busy={busy === 'true'}
            onClick={() => void answerWith(true)}
          >
            {t('event.asked.yes')}
          </Button>
        )}
        {event.answer !== 'declined' && (
          <Button busy={busy === 'false'} onClick={() => void answerWith(false)}>
            {t('event.asked.no')}
          </Button>
        )}
      </div>
      <Trouble>{trouble}</Trouble>
    </section>
  )
}

function Host({ event, hosts }: { event: Page_; hosts: boolean }) {
  const { t } = useTranslation()
  return (
    <div className={styles.person}>
      <AuraStill person={event.host} size={64} />
      <span className={styles.words}>
        <span>
          {hosts ? t('event.youHost') : t('event.hostedBy', { name: isolate(event.host.name) })}
        </span>
      </span>
      {!hosts && <SafetyMenu person={event.host} place="profile" />}
    </div>
  )
}

/** Who leads and speaks; the host sees who has not answered, and takes invitations back. */
function People({ event, hosts }: { event: Page_; hosts: boolean }) {
  const { t } = useTranslation()
  const keep = useKeepEvent()
  const { run, trouble } = useCommand()
  if (event.people.length === 0) return null
  function uninvite(person: string) {
    void run('remove', () =>
      api.DELETE('/api/events/{event}/people/{person}', {
        params: { path: { event: event.id, person } },
      }),
    ).then(() => keep())
  }
  return (
    <section className={styles.section} aria-labelledby="event-people">
      <h2 id="event-people">{t('event.people.title')}</h2>
      <ul className={styles.rows}>
        {event.people.map(({ person, part, answer }) => (
          <li key={person.id} className={styles.person}>
            <AuraStill person={person} size={48} />
            <span className={styles.words}>
              <bdi className="cut">{person.name}</bdi>
              <small>
                {[
                  t(part === 'co_host' ? 'event.people.coHost' : 'event.people.speaker'),
                  answer !== 'accepted' && t(`event.people.${answer}`),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            </span>
            {hosts && (
              <IconButton
                icon={X}
                label={t('event.people.remove', { name: isolate(person.name) })}
                onClick={() => uninvite(person.id)}
              />
            )}
          </li>
        ))}
      </ul>
      <Trouble>{trouble}</Trouble>
    </section>
  )
}

/** How many go, and whom of them one knows. */
function Goers({ event }: { event: Page_ }) {
  const { t } = useTranslation()
  return (
    <section className={styles.section} aria-labelledby="event-goers">
      <h2 id="event-goers" className="numbers">
        {t('event.goers', { count: event.goers })}
      </h2>
      {event.known.length > 0 && (
        <>
          <h3 className={styles.hint}>{t('event.people.known')}</h3>
          <ul className={styles.known}>
            {event.known.map((person) => (
              <li key={person.id}>
                <AuraStill person={person} size={48} />
                <bdi className="cut">{person.name}</bdi>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
