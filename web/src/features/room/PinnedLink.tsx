import { Pin } from 'lucide-react'
import { useTranslation } from '../../i18n'
import { Icon } from '../../ui'
import styles from './PinnedLink.module.css'

/** The address that hosts have pinned. Where it leads is read before anything else of it. */
export function PinnedLink({ link }: { link: string | undefined }) {
  const { t } = useTranslation()
  if (link === undefined || !URL.canParse(link)) return null
  const { protocol, host, pathname, search, hash } = new URL(link)
  if (protocol !== 'https:') return null
  const rest = `${pathname}${search}${hash}`
  return (
    <a className={styles.link} href={link} target="_blank" rel="noopener noreferrer nofollow">
      <Icon of={Pin} size={16} />
      <span className="only-heard">{t('room.edit.link')}</span>
      <span className="cut" dir="ltr">
        <strong>{host}</strong>
        {rest !== '/' && <span>{rest}</span>}
      </span>
    </a>
  )
}

/** What somebody has typed, as an address that the server takes; undefined if it is none. */
export function addressOf(text: string): string | undefined {
  const typed = text.trim()
  if (typed === '') return ''
  const full = /^[a-z][a-z0-9+.-]*:/i.test(typed) ? typed : `https://${typed}`
  if (!URL.canParse(full)) return undefined
  const { protocol, hostname, href } = new URL(full)
  return protocol === 'https:' && hostname.includes('.') ? href : undefined
}
