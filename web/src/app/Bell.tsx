import { Link } from '@tanstack/react-router'
import { Bell as BellIcon } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from '../i18n'
import { notifications } from '../realtime/notifications'
import { Icon, iconClass, useStore } from '../ui'
import styles from './Bell.module.css'

/** The way to the notifications, and whether there are new ones. */
export function Bell() {
  const { t } = useTranslation()
  const { unseen } = useStore(notifications)
  useEffect(() => notifications.start(), [])
  const name = t('notifications.bell', { count: unseen })
  return (
    <Link
      to="/notifications"
      className={`${iconClass()} ${styles.bell}`}
      aria-label={name}
      title={name}
    >
      <Icon of={BellIcon} />
      {unseen > 0 && <span className={styles.dot} />}
    </Link>
  )
}
