import { Link } from '@tanstack/react-router'
import { useTranslation } from '../../i18n'
import { buttonClass, EmptyState, Page } from '../../ui'

export function ChatsPage() {
  const { t } = useTranslation()
  return (
    <Page title={t('nav.chats')}>
      <EmptyState
        title={t('chats.empty.title')}
        action={
          <Link to="/" className={buttonClass({ look: 'primary' })}>
            {t('common.toRooms')}
          </Link>
        }
      >
        {t('chats.empty.text')}
      </EmptyState>
    </Page>
  )
}
