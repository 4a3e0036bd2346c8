import { MoreHorizontal } from 'lucide-react'
import { useEffect, useState } from 'react'
import { answer, api, type Club, type ClubMember, me, type Person, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import {
  moodOf,
  onBlocked,
  PersonView,
  Resident,
  SafetyMenu,
  useCommand,
  usePages,
} from '../../people'
import { AuraStill, Button, IconButton, More, Sheet, Skeleton, Trouble, useStore } from '../../ui'
import { player } from '../../voice/player'
import styles from './Club.module.css'
import { leads, useReread } from './clubs'

/** Who runs the club. */
export function Leaders({ club }: { club: Club }) {
  const { t } = useTranslation()
  if (club.leaders.length === 0) return null
  return (
    <section className={styles.section} aria-labelledby="club-leaders">
      <h2 id="club-leaders">{t('club.leaders')}</h2>
      <Rows club={club} members={club.leaders} />
    </section>
  )
}

/** Who else belongs to it, the last joined first. */
export function People({ club }: { club: Club }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const list = usePages(['club', club.id, 'members'], (page) =>
    answer(
      api.GET('/api/clubs/{club}/members', { params: { path: { club: club.id }, query: page } }),
    ),
  )
  const members = list.data?.pages.flatMap((page) => page.members)
  if (members?.length === 0) return null
  return (
    <section className={styles.section} aria-labelledby="club-members">
      <h2 id="club-members">{t('club.people')}</h2>
      {members ? (
        <Rows club={club} members={members} />
      ) : (
        !list.isError && <Skeleton height="4rem" />
      )}
      <More of={list} />
      <Trouble>{list.isError && say(Problem.of(list.error))}</Trouble>
      {list.isError && !members && (
        <Button onClick={() => void list.refetch()}>{t('common.retry')}</Button>
      )}
    </section>
  )
}

function Rows({ club, members }: { club: Club; members: readonly ClubMember[] }) {
  const { t } = useTranslation()
  const who = useStore(me)
  const mine = who.status === 'in' ? who.me.id : ''
  const [shown, setShown] = useState<Person>()
  const [about, setAbout] = useState<ClubMember>()
  const acts = (member: ClubMember) =>
    member.person.id !== mine &&
    (club.role === 'founder' || (leads(club) && member.role === 'member'))
  return (
    <>
      <ul className={styles.rows}>
        {members.map((member) => (
          <li key={member.person.id} className={styles.person}>
            <button type="button" className={styles.row} onClick={() => setShown(member.person)}>
              <AuraStill person={member.person} size={48} />
              <span className={styles.words}>
                <bdi className="cut">{member.person.name}</bdi>
                {member.role !== 'member' && <small>{t(`club.role.${member.role}`)}</small>}
              </span>
            </button>
            {acts(member) && (
              <IconButton
                icon={MoreHorizontal}
                label={t('club.manage.open', { name: isolate(member.person.name) })}
                onClick={() => setAbout(member)}
              />
            )}
          </li>
        ))}
      </ul>
      <Who person={shown} onClose={() => setShown(undefined)} />
      {about && <Manage club={club} member={about} onClose={() => setAbout(undefined)} />}
    </>
  )
}

function Who({ person, onClose }: { person: Person | undefined; onClose(): void }) {
  useEffect(() => onBlocked(onClose), [onClose])
  useEffect(() => {
    if (!person) player.stop()
  }, [person])
  if (!person) return null
  return (
    <Sheet open onOpenChange={onClose} title={<bdi>{person.name}</bdi>}>
      <div className={styles.card} {...moodOf(person)}>
        <PersonView person={person} />
        {person.resident && <Resident />}
        <div className={styles.safety}>
          <SafetyMenu person={person} place="profile" />
        </div>
      </div>
    </Sheet>
  )
}

/** Asked once more. */
type Grave = 'founder' | 'remove' | 'ban'
type Deed = Grave | 'admin' | 'unadmin'

/** What founder and admins do about a member; what cannot be taken back is asked once more. */
function Manage({ club, member, onClose }: { club: Club; member: ClubMember; onClose(): void }) {
  const { t } = useTranslation()
  const { busy, trouble, run } = useCommand()
  const reread = useReread(club.id)
  const [asked, setAsked] = useState<Grave>()
  const { person } = member
  const name = isolate(person.name)
  const at = { params: { path: { club: club.id, person: person.id } } }
  const deeds: Record<Deed, () => Promise<unknown>> = {
    admin: () => api.PUT('/api/clubs/{club}/admins/{person}', at),
    unadmin: () => api.DELETE('/api/clubs/{club}/admins/{person}', at),
    founder: () => api.PUT('/api/clubs/{club}/founder/{person}', at),
    remove: () => api.DELETE('/api/clubs/{club}/members/{person}', at),
    ban: () => api.PUT('/api/clubs/{club}/bans/{person}', at),
  }
  const offered: Deed[] =
    club.role === 'founder'
      ? [member.role === 'admin' ? 'unadmin' : 'admin', 'founder', 'remove', 'ban']
      : ['remove', 'ban']

  async function go(deed: Deed) {
    if (!(await run(deed, deeds[deed]))) return
    await reread()
    onClose()
  }

  if (asked) {
    return (
      <Sheet
        open
        onOpenChange={onClose}
        alert
        title={t(`club.manage.${asked}.title`, { name })}
        lead={t(`club.manage.${asked}.lead`, { name })}
        actions={
          <>
            <Button
              look="danger"
              large
              full
              busy={busy !== undefined}
              onClick={() => void go(asked)}
            >
              {t(`club.manage.${asked}.go`)}
            </Button>
            <Button look="quiet" large full onClick={onClose}>
              {t('common.cancel')}
            </Button>
          </>
        }
      >
        <Trouble>{trouble}</Trouble>
      </Sheet>
    )
  }
  return (
    <Sheet open onOpenChange={onClose} title={<bdi>{person.name}</bdi>}>
      <div className={styles.ways}>
        {offered.map((deed) => (
          <Button
            key={deed}
            large
            full
            look={deed === 'ban' ? 'danger' : 'quiet'}
            busy={busy === deed}
            onClick={() =>
              deed === 'admin' || deed === 'unadmin' ? void go(deed) : setAsked(deed)
            }
          >
            {t(`club.manage.${deed}.open`)}
          </Button>
        ))}
        <Trouble>{trouble}</Trouble>
      </div>
    </Sheet>
  )
}
