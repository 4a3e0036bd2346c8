import { Link } from '@tanstack/react-router'
import { useTranslation } from '../../i18n'
import { buttonClass, EmptyState, Page, Quiet } from '../../ui'

export function ChatsPage() {
  const { t } = useTranslation()
  return (
    <Page title={t('nav.chats')}>
      <EmptyState
        title={t('chats.empty.title')}
        art={<Quiet seed="chats" size={260} />}
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
