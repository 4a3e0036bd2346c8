import { Link, useNavigate } from '@tanstack/react-router'
import { CallPage } from '../features/call'
import { useTranslation } from '../i18n'
import { buttonClass } from '../ui'
import { calls } from '../voice/calls'
import { session } from '../voice/session'

export function CallRoute() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <CallPage
      onMinimise={() => void navigate({ to: '/', viewTransition: true })}
      onChat={(person) => void navigate({ to: '/chats/$person', params: { person } })}
      onRoom={(room) => {
        calls.dismiss()
        void session.join(room)
        void navigate({ to: '/rooms/$room', params: { room } })
      }}
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
