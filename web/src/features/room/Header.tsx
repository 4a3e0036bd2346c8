import { ChevronDown, Ellipsis } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from '../../i18n'
import { IconButton, Skeleton } from '../../ui'
import styles from './Room.module.css'

export function Header({
  id,
  title,
  line,
  onMinimise,
  onMore,
}: {
  id: string | undefined
  title: string | undefined
  line: ReactNode
  onMinimise(): void
  onMore?: () => void
}) {
  const { t } = useTranslation()
  return (
    <header className={styles.header}>
      <IconButton label={t('bar.minimise')} icon={ChevronDown} onClick={onMinimise} />
      <div className={styles.words}>
        {title === undefined ? (
          <Skeleton width="70%" height="1.5rem" />
        ) : (
          <h1 dir="auto" style={{ viewTransitionName: `room-${id}` }}>
            {title}
          </h1>
        )}
        <p className="numbers">{line}</p>
      </div>
      {onMore && <IconButton label={t('room.more')} icon={Ellipsis} onClick={onMore} />}
    </header>
  )
}
