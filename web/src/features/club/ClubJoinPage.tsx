import { useNavigate, useRouter } from '@tanstack/react-router'
import { Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, EmptyState, mood, Page, Quiet, Skeleton } from '../../ui'
import styles from './Club.module.css'
import { Head } from './ClubPage'
import { belongs, useClub } from './clubs'
import { JoinButton } from './JoinButton'

/** Where a link leads: what the club is, and the way in. Whoever is a member already is inside at once. */
export function ClubJoinPage({ club: id, token }: { club: string; token: string }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const router = useRouter()
  const navigate = useNavigate()
  const read = useClub(id, token)
  const club = read.data
  const inside = () => void navigate({ to: '/clubs/$club', params: { club: id }, replace: true })
  const home = () => void router.navigate({ to: '/clubs' })

  if (!club) {
    const problem = read.error && Problem.of(read.error)
    return (
      <Page title={t('club.join.link')} onBack={home}>
        {!problem ? (
          <div aria-busy="true" className={styles.section}>
            <Skeleton width={120} height={120} round />
            <Skeleton width="60%" height="2rem" />
          </div>
        ) : (
          <EmptyState
            title={say(problem)}
            art={<Quiet seed="club-link" size={220} />}
            action={
              problem.status === 410 || problem.status === 404 ? (
                <Button look="primary" onClick={home}>
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
  return (
    <Page title={<bdi>{club.name}</bdi>} lead={t('club.join.invited')} onBack={home}>
      <div className={styles.page} {...mood(club.category)}>
        <Head club={club} />
        {club.about && (
          <p className={styles.about} dir="auto">
            {club.about}
          </p>
        )}
        <div className={`${styles.foot} ${styles.stays}`}>
          {belongs(club) ? (
            <Button look="primary" large full onClick={inside}>
              {t('club.join.inside', { name: isolate(club.name) })}
            </Button>
          ) : club.banned ? (
            <p role="note">{say({ code: 'club.banned', status: 403 })}</p>
          ) : (
            <JoinButton club={club} invite={token} onJoined={inside} />
          )}
        </div>
      </div>
    </Page>
  )
}
