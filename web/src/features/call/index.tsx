import { Link } from '@tanstack/react-router'
import { useTranslation } from '../../i18n'
import { buttonClass, EmptyState, Page } from '../../ui'

export function CallPage() {
  const { t } = useTranslation()
  return (
    <Page title={t('nav.call')}>
      <EmptyState
        title={t('call.empty.title')}
        action={
          <Link to="/" className={buttonClass({ look: 'primary' })}>
            {t('common.toRooms')}
          </Link>
        }
      >
        {t('call.empty.text')}
      </EmptyState>
    </Page>
  )
}
