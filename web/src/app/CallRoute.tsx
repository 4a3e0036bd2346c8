import { Link, useNavigate } from '@tanstack/react-router'
import { CallPage } from '../features/call'
import { useTranslation } from '../i18n'
import { buttonClass } from '../ui'

export function CallRoute() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <CallPage
      onMinimise={() => void navigate({ to: '/', viewTransition: true })}
      onChat={(person) => void navigate({ to: '/chats/$person', params: { person } })}
      profile={
        <Link
          to="/me"
          data-primary=""
          className={buttonClass({ look: 'primary', large: true, full: true })}
        >
          {t('call.closed.go')}
        </Link>
      }
    />
  )
}
