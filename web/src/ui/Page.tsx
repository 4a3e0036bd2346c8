import { ArrowLeft } from 'lucide-react'
import { createContext, type ReactNode, useContext } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './Button'
import styles from './Page.module.css'
import type { Parts } from './parts'

type Props = {
  title: ReactNode
  /** One line under the title. */
  lead?: ReactNode
  /** Where "back" leads; none on pages the navigation opens. */
  onBack?: () => void
  /** Beside the title. */
  aside?: Parts
  /** The third column of a desk: people, chat. Not shown on a phone. */
  side?: ReactNode
  children: Parts
}

/** What stands at the end of the heading of each page that the navigation opens. */
export const PageCorner = createContext<Parts>(null)

/** A page's frame: one left edge, one heading, at most two columns. */
export function Page({ title, lead, onBack, aside, side, children }: Props) {
  const { t } = useTranslation()
  const corner = useContext(PageCorner)
  return (
    <div className={styles.page}>
      <div className={styles.main}>
        <header className={styles.head}>
          {onBack && (
            <IconButton
              className={styles.back}
              label={t('common.back')}
              icon={ArrowLeft}
              onClick={onBack}
            />
          )}
          <div className={styles.words}>
            <h1>{title}</h1>
            {lead && <p>{lead}</p>}
          </div>
          {aside}
          {!onBack && corner}
        </header>
        {children}
      </div>
      {side && <aside className={styles.side}>{side}</aside>}
    </div>
  )
}
