import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { answer, api, me, type Person } from '../api'
import { useTranslation } from '../i18n'
import { Aura, Button, Skeleton, useStore } from '../ui'
import { About, Facts } from './About'
import { CardButton } from './CardButton'
import { ClipChip } from './ClipChip'
import { FollowButton } from './FollowButton'
import styles from './PersonView.module.css'
import { Portrait } from './Portrait'
import { useBonds } from './useBonds'
import { WriteButton } from './WriteButton'

/** Who somebody is, wherever they were met: their aura and voice, what they like, and the way to follow them. */
export function PersonView({
  person,
  level,
  cards = true,
}: {
  person: Person
  /** Whether cards can be exchanged from here. */
  cards?: boolean
  /** What they say right now, in a room. */
  level?: () => number
}) {
  const { t } = useTranslation()
  const { id } = person
  const card = useQuery({
    queryKey: ['person', id],
    queryFn: () => answer(api.GET('/api/people/{person}', { params: { path: { person: id } } })),
  })
  const { refetch } = card

  // Friends may write to each other.
  const friend = useBonds().friends.has(id)
  const before = useRef(friend)
  useEffect(() => {
    if (friend !== before.current) void refetch()
    before.current = friend
  }, [friend, refetch])
  const who = useStore(me)
  const self = who.status === 'in' && who.me.id === id

  const renew = async (place: number) =>
    (await refetch()).data?.clips.find((clip) => clip.place === place)?.url

  if (!card.data) {
    return (
      <>
        <div className={styles.aura}>
          <Aura person={person} size={260} level={level} />
        </div>
        <FollowButton person={person} />
        {card.isError ? (
          <div className={styles.about}>
            <p>{t('people.failed')}</p>
            <Button look="quiet" onClick={() => void card.refetch()}>
              {t('common.retry')}
            </Button>
          </div>
        ) : (
          <div className={styles.about} aria-busy="true">
            <Skeleton width="45%" height="1rem" />
            <Skeleton width="80%" height="2.25rem" />
          </div>
        )}
      </>
    )
  }
  const known = card.data
  const more = known.clips.filter((clip) => clip.place > 0)
  const voiced = known.clips.length > more.length
  return (
    <>
      <div className={styles.aura} data-voiced={voiced || undefined}>
        <Portrait person={known} size={voiced ? 248 : 260} renew={renew} level={level} />
      </div>
      <FollowButton person={known} />
      <Facts person={known} />
      {!voiced && <p className={styles.speaks}>{t('people.noIntro')}</p>}
      {more.map((clip) => (
        <ClipChip key={clip.place} clip={clip} renew={renew} />
      ))}
      <About person={known} />
      {cards && <CardButton person={known} />}
      {!self && <WriteButton person={known} />}
    </>
  )
}
