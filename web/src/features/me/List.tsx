import type { ReactNode } from 'react'
import { Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, Skeleton } from '../../ui'
import styles from './Me.module.css'

/** A short list from the server in all its states. */
export function List<T>({
  of: query,
  empty,
  children,
}: {
  of: { data: T[] | undefined; isError: boolean; error: unknown; refetch(): unknown }
  empty: string
  children(item: T): ReactNode
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  if (query.data) {
    return query.data.length === 0 ? (
      <p className={styles.note}>{empty}</p>
    ) : (
      <ul className={styles.rows}>{query.data.map(children)}</ul>
    )
  }
  if (query.isError) {
    return (
      <div className={styles.row}>
        <p className={styles.note}>{say(Problem.of(query.error))}</p>
        <Button onClick={() => void query.refetch()}>{t('common.retry')}</Button>
      </div>
    )
  }
  return (
    <div className={styles.rows} aria-busy="true">
      <p className="only-heard">{t('me.loading')}</p>
      <Skeleton height="3.5rem" />
    </div>
  )
}
