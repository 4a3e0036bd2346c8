import { Link } from '@tanstack/react-router'
import { useTranslation } from '../../i18n'
import { buttonClass, EmptyState, Page, Quiet } from '../../ui'

export function CallPage() {
  const { t } = useTranslation()
  return (
    <Page title={t('nav.call')}>
      <EmptyState
        title={t('call.empty.title')}
        art={<Quiet seed="call" size={260} />}
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
