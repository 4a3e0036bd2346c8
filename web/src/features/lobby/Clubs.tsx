import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useId } from 'react'
import { answer, api } from '../../api'
import { useTranslation } from '../../i18n'
import { Icon, mood } from '../../ui'
import styles from './Clubs.module.css'

/** One's own clubs in one line, and the way to others. */
export function Clubs() {
  const { t } = useTranslation()
  const heading = useId()
  const { data } = useQuery({
    queryKey: ['clubs', 'mine'],
    queryFn: () => answer(api.GET('/api/me/clubs')),
    staleTime: 0,
  })
  const clubs = data?.clubs ?? []
  return (
    <section className={styles.clubs} aria-labelledby={heading}>
      <h2 id={heading} className={clubs.length > 0 ? undefined : 'only-heard'}>
        {t('club.title')}
      </h2>
      <ul>
        {clubs.map((club) => (
          <li key={club.id} {...mood(club.category)}>
            <Link to="/clubs/$club" params={{ club: club.id }} className={styles.club}>
              <span className={styles.dot} aria-hidden />
              <bdi className="cut">{club.name}</bdi>
              {club.must_read && <span className={styles.news}>{t('club.mustRead')}</span>}
            </Link>
          </li>
        ))}
        <li>
          <Link to="/clubs" className={styles.club}>
            <span>{t(clubs.length > 0 ? 'club.strip.all' : 'club.strip.find')}</span>
            <Icon of={ChevronRight} size={20} />
          </Link>
        </li>
      </ul>
    </section>
  )
}
