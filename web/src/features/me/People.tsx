import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useTranslation } from '../../i18n'
import { useBonds } from '../../people'
import { Icon } from '../../ui'
import styles from './Me.module.css'

/** The way to the lists of people. */
export function People() {
  const { t } = useTranslation()
  const { status, following, friends } = useBonds()
  return (
    <section className={styles.section} aria-labelledby="people">
      <h2 id="people">{t('me.people.title')}</h2>
      <ul className={styles.group}>
        <li>
          <Link to="/me/people" className={styles.open}>
            <span className={styles.said}>
              <span>{t('me.people.open')}</span>
              {status === 'ready' && (
                <small className="numbers">
                  {t('me.people.counts', { following: following.size, friends: friends.size })}
                </small>
              )}
            </span>
            <Icon of={ChevronRight} size={20} />
          </Link>
        </li>
      </ul>
    </section>
  )
}
