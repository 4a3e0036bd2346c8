import { useQuery } from '@tanstack/react-query'
import { answer, api, type Me, Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { About, ClipChip, Facts, Portrait } from '../../people'
import { Button, Sheet, Skeleton } from '../../ui'
import styles from './Me.module.css'

const SIZE = 264

/** Oneself, as somebody in Discover sees it. */
export function MyCard({ me }: { me: Me }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const card = useQuery({
    queryKey: ['me', 'card', me.id],
    queryFn: () => answer(api.GET('/api/me/card')),
    staleTime: 4 * 60_000, // its recordings' addresses are good for five
  })
  if (card.isError) {
    return (
      <div className={styles.mine}>
        <p className={styles.note}>{say(Problem.of(card.error))}</p>
        <Button onClick={() => void card.refetch()}>{t('common.retry')}</Button>
      </div>
    )
  }
  if (!card.data) {
    return (
      <div className={styles.mine} aria-busy="true">
        <p className="only-heard">{t('me.loading')}</p>
        <Skeleton width={SIZE} height={SIZE} round />
        <Skeleton width="60%" height="1.75rem" />
        <Skeleton width="80%" />
      </div>
    )
  }
  const { person, age, region } = card.data
  const further = person.clips.filter((clip) => clip.place > 0)
  return (
    <div className={styles.mine}>
      <div className={styles.portrait}>
        <Portrait person={person} size={SIZE} />
      </div>
      <div>
        <p className={styles.who}>
          <bdi>{person.name}</bdi>
          <span className="numbers">{`, ${age}`}</span>
        </p>
        <Facts person={person} region={region} />
      </div>
      {further.length > 0 && (
        <ul className={styles.clips}>
          {further.map((clip) => (
            <li key={clip.place}>
              <ClipChip clip={clip} />
            </li>
          ))}
        </ul>
      )}
      <About person={person} />
    </div>
  )
}

export function MyCardSheet({ me, onClose }: { me: Me; onClose(): void }) {
  const { t } = useTranslation()
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('me.card.title')}
      lead={me.shown ? undefined : t('me.paused.missing')}
    >
      <MyCard me={me} />
    </Sheet>
  )
}
