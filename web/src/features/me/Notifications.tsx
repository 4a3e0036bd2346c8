import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useTranslation } from '../../i18n'
import { push } from '../../realtime/push'
import { Icon, Switch, useStore } from '../../ui'
import { sounds } from '../../voice/sounds'
import styles from './Me.module.css'

/** The way to what one is told by push, and whether this browser is; and what is heard in it. */
export function Notifications() {
  const { t } = useTranslation()
  const state = useStore(push)
  const heard = useStore(sounds)
  return (
    <section className={styles.section} aria-labelledby="notifications">
      <h2 id="notifications">{t('notifications.title')}</h2>
      <ul className={styles.group}>
        <li>
          <Link to="/me/notifications" className={styles.open}>
            <span className={styles.said}>
              <span>{t('notifications.settings.title')}</span>
              <small>
                {t(state === 'on' ? 'notifications.here.on' : 'notifications.here.off')}
              </small>
            </span>
            <Icon of={ChevronRight} size={20} />
          </Link>
        </li>
        <li>
          <Switch
            label={t('notifications.sounds.label')}
            hint={t('notifications.sounds.hint')}
            on={heard}
            onChange={sounds.choose}
          />
        </li>
      </ul>
    </section>
  )
}
