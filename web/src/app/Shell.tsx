import { Link } from '@tanstack/react-router'
import { AudioLines, Compass, MessageCircle, Phone } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from '../i18n'
import { Icon, LiveRegion, Toaster } from '../ui'
import styles from './Shell.module.css'

const tabs = [
  { to: '/', name: 'rooms', icon: AudioLines },
  { to: '/discover', name: 'discover', icon: Compass },
  { to: '/call', name: 'call', icon: Phone },
  { to: '/chats', name: 'chats', icon: MessageCircle },
] as const

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        {t('common.skip')}
      </a>
      <nav className={styles.nav} aria-label={t('nav.label')}>
        {tabs.map((tab) => (
          <Link key={tab.to} to={tab.to} activeOptions={{ exact: tab.to === '/' }}>
            <Icon of={tab.icon} />
            <span>{t(`nav.${tab.name}`)}</span>
          </Link>
        ))}
      </nav>
      <main id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <Toaster />
      <LiveRegion />
    </div>
  )
}
