import { Link } from '@tanstack/react-router'
import { useTranslation } from '../../i18n'
import { buttonClass, EmptyState, Page, Quiet } from '../../ui'

export function DiscoverPage() {
  const { t } = useTranslation()
  return (
    <Page title={t('nav.discover')}>
      <EmptyState
        title={t('discover.empty.title')}
        art={<Quiet seed="discover" size={260} />}
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
