import { Link } from '@tanstack/react-router'
import { useTranslation } from '../../i18n'
import { buttonClass, EmptyState, Page } from '../../ui'

export function DiscoverPage() {
  const { t } = useTranslation()
  return (
    <Page title={t('nav.discover')}>
      <EmptyState
        title={t('discover.empty.title')}
        action={
          <Link to="/" className={buttonClass({ look: 'primary' })}>
            {t('common.toRooms')}
          </Link>
        }
      >
        {t('discover.empty.text')}
      </EmptyState>
    </Page>
  )
}
