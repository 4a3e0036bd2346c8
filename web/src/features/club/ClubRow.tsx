import { Link } from '@tanstack/react-router'
import type { ClubCard } from '../../api'
import { languageName, useTranslation } from '../../i18n'
import { mood, Skeleton } from '../../ui'
import styles from './Club.module.css'
import { ClubMark } from './ClubMark'

/** One club in a list: what it is about, and how one stands to it. */
export function ClubRow({ club, language }: { club: ClubCard; language: string }) {
  const { t } = useTranslation()
  const what = [
    t(`category.${club.category}`),
    ...(club.language === language ? [] : [languageName(club.language)]),
    t('club.members', { count: club.members }),
  ]
  return (
    <li {...mood(club.category)}>
      <Link to="/clubs/$club" params={{ club: club.id }} className={styles.row}>
        <ClubMark club={club} size={60} />
        <span className={styles.words}>
          <span className={styles.kind}>{what.join(' · ')}</span>
          <h3 dir="auto">{club.name}</h3>
          {club.must_read ? (
            <span className={styles.news}>{t('club.mustRead')}</span>
          ) : (
            <span className={styles.line} dir="auto">
              {club.role
                ? t(`club.role.${club.role}`)
                : club.about || t(`club.entry.${club.entry}.label`)}
            </span>
          )}
        </span>
      </Link>
    </li>
  )
}

export function ClubRows() {
  return (
    <ul className={styles.rows} aria-busy="true">
      {[0, 1, 2].map((i) => (
        <li key={i} className={styles.row}>
          <Skeleton width={60} height={60} round />
          <span className={styles.words}>
            <Skeleton width="35%" height="0.875rem" />
            <Skeleton width="70%" height="1.125rem" />
            <Skeleton width="50%" height="0.875rem" />
          </span>
        </li>
      ))}
    </ul>
  )
}
