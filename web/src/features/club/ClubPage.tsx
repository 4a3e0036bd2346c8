import { useQuery } from '@tanstack/react-query'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { Link2, Mic, Settings, UserPlus } from 'lucide-react'
import { type ReactElement, useEffect, useState } from 'react'
import { answer, api, type Card, type Club, Problem } from '../../api'
import { isolate, languageName, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { onBlocked, useCommand } from '../../people'
import { Button, EmptyState, IconButton, mood, Page, Quiet, Skeleton, Trouble } from '../../ui'
import styles from './Club.module.css'
import { ClubForm } from './ClubForm'
import { ClubMark } from './ClubMark'
import { ClubMenu } from './ClubMenu'
import { belongs, leads, looksAgain, useClub, useKeepClub, useReread, useToldOf } from './clubs'
import { InviteSheet } from './InviteSheet'
import { JoinButton } from './JoinButton'
import { Leaders, People } from './People'
import { Requests } from './Requests'
import { Wall } from './Wall'

/** What the app joins to a club from other parts of the client. */
export interface Rooms {
  /** Rooms, as the lobby lists them. */
  list(cards: readonly Card[]): ReactElement
  /** The calendar of a club. */
  calendar(club: Club, member: boolean): ReactElement
  /** The sheet that starts a room in a club. */
  start(club: Club, open: boolean, onOpenChange: (open: boolean) => void): ReactElement
}

/** One club: what it is, who is in it, how they sound, and what is open in it now. */
export function ClubPage({ club: id, rooms }: { club: string; rooms: Rooms }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const router = useRouter()
  const read = useClub(id)
  const reread = useReread(id)
  useToldOf(id)
  useEffect(() => onBlocked(() => void reread()), [reread])
  const back = () =>
    router.history.canGoBack() ? router.history.back() : void router.navigate({ to: '/clubs' })
  const club = read.data
  if (!club) {
    const problem = read.error && Problem.of(read.error)
    const gone = problem?.status === 404 || problem?.status === 410
    return (
      <Page title={t('club.one')} onBack={back}>
        {!problem ? (
          <div aria-busy="true" className={styles.page}>
            <Skeleton width={120} height={120} round />
            <Skeleton width="60%" height="2rem" />
            <Skeleton width="90%" height="1rem" />
          </div>
        ) : (
          <EmptyState
            title={say(problem)}
            art={<Quiet seed="club-lost" size={220} />}
            action={
              gone ? (
                <Button
                  look="primary"
                  onClick={() => void router.navigate({ to: '/clubs', replace: true })}
                >
                  {t('club.toClubs')}
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
  return <Shown club={club} rooms={rooms} onBack={back} />
}

function Shown({ club, rooms, onBack }: { club: Club; rooms: Rooms; onBack(): void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const keep = useKeepClub()
  const [menu, setMenu] = useState(false)
  const [editing, setEditing] = useState(false)
  const [inviting, setInviting] = useState(false)
  const [starting, setStarting] = useState(false)
  const inside = belongs(club)
  const first = <First club={club} onStart={() => setStarting(true)} />
  const more = <More club={club} onInvite={() => setInviting(true)} />

  return (
    <Page
      title={<bdi>{club.name}</bdi>}
      onBack={onBack}
      aside={
        club.role && (
          <IconButton icon={Settings} label={t('club.menu.open')} onClick={() => setMenu(true)} />
        )
      }
      side={
        <div className={styles.side} {...mood(club.category)}>
          {first}
          {more}
        </div>
      }
    >
      <div className={styles.page} {...mood(club.category)}>
        <Head club={club} />
        {club.about && (
          <p className={styles.about} dir="auto">
            {club.about}
          </p>
        )}
        <div className={`${styles.phone} ${styles.stays}`}>{first}</div>
        <div className={styles.phone}>{more}</div>
        <OpenRooms club={club} rooms={rooms} />
        {rooms.calendar(club, inside)}
        {leads(club) && (club.requests ?? 0) > 0 && <Requests club={club} />}
        {inside && <Wall club={club.id} />}
        <Leaders club={club} />
        {inside && <People club={club} />}
        {club.rules && (
          <section className={styles.section} aria-labelledby="club-rules">
            <h2 id="club-rules">{t('club.rules')}</h2>
            <p className={styles.text} dir="auto">
              {club.rules}
            </p>
          </section>
        )}
      </div>
      {rooms.start(club, starting, setStarting)}
      <InviteSheet open={inviting} onOpenChange={setInviting} club={club} />
      <ClubMenu
        open={menu}
        onOpenChange={setMenu}
        club={club}
        onEdit={() => {
          setMenu(false)
          setEditing(true)
        }}
        onLeft={() => void navigate({ to: '/clubs', replace: true })}
      />
      <ClubForm open={editing} onOpenChange={setEditing} club={club} onDone={keep} />
    </Page>
  )
}

/** The light of a club, and its facts in one line. */
export function Head({ club }: { club: Club }) {
  const { t } = useTranslation()
  return (
    <div className={styles.head}>
      <ClubMark club={club} size={112} />
      <p className={`${styles.facts} numbers`}>
        <strong>{t(`category.${club.category}`)}</strong>
        <span>{languageName(club.language)}</span>
        <span>{t('club.members', { count: club.members })}</span>
        {club.followers > 0 && <span>{t('club.followers', { count: club.followers })}</span>}
        <span>{club.role ? t(`club.role.${club.role}`) : t(`club.entry.${club.entry}.label`)}</span>
      </p>
    </div>
  )
}

/** The one thing to do now: come in, accept rules that have changed, or start a room. */
function First({ club, onStart }: { club: Club; onStart(): void }) {
  const { t } = useTranslation()
  if (club.must_read) return <JoinButton club={club} />
  if (belongs(club)) {
    return (
      <Button look="primary" large full icon={Mic} onClick={onStart}>
        {t('club.start')}
      </Button>
    )
  }
  return club.banned || club.asked || club.entry === 'invite' ? null : <JoinButton club={club} />
}

/** What else one can do, and why one cannot come in. */
function More({ club, onInvite }: { club: Club; onInvite(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const reread = useReread(club.id)
  const { busy, trouble, run } = useCommand()
  const at = { params: { path: { club: club.id } } }
  const follows = club.role === 'follower'
  const outside = !belongs(club) && !club.banned

  const change = (name: string, command: () => Promise<unknown>) => () =>
    void run(name, command).then(reread)

  return (
    <div className={styles.ways}>
      {club.banned && <p role="note">{say({ code: 'club.banned', status: 403 })}</p>}
      {club.must_read && (
        <p role="note" className={styles.news}>
          {t('club.join.accept.note')}
        </p>
      )}
      {club.can_invite && (
        <Button large full icon={Link2} onClick={onInvite}>
          {t('club.invite.open')}
        </Button>
      )}
      {outside && club.asked && (
        <>
          <p role="note">{t('club.join.waiting')}</p>
          <Button
            large
            full
            busy={busy === 'withdraw'}
            onClick={change('withdraw', () => api.DELETE('/api/clubs/{club}/request', at))}
          >
            {t('club.join.withdraw')}
          </Button>
        </>
      )}
      {outside && !club.asked && club.entry === 'invite' && (
        <p role="note">{t('club.entry.invite.hint')}</p>
      )}
      {outside && (
        <Button
          large
          full
          {...(!follows && { icon: UserPlus })}
          busy={busy === 'follow'}
          onClick={change('follow', () =>
            follows
              ? api.DELETE('/api/clubs/{club}/follow', at)
              : api.PUT('/api/clubs/{club}/follow', at),
          )}
        >
          {t(follows ? 'club.unfollow' : 'club.follow')}
        </Button>
      )}
      <Trouble>{trouble}</Trouble>
    </div>
  )
}

/** What is open in the club now. */
function OpenRooms({ club, rooms }: { club: Club; rooms: Rooms }) {
  const { t } = useTranslation()
  const { data } = useQuery({
    queryKey: ['club', club.id, 'rooms'],
    queryFn: () =>
      answer(api.GET('/api/clubs/{club}/rooms', { params: { path: { club: club.id } } })),
    staleTime: 0,
    ...looksAgain,
  })
  if (!data || (data.rooms.length === 0 && !belongs(club))) return null
  return (
    <section className={styles.section} aria-labelledby="club-rooms">
      <h2 id="club-rooms">{t('lobby.open')}</h2>
      {data.rooms.length > 0 ? (
        rooms.list(data.rooms)
      ) : (
        <p className={styles.hint}>{t('club.noRooms', { name: isolate(club.name) })}</p>
      )}
    </section>
  )
}
