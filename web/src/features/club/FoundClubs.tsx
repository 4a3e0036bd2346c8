import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { answer, api } from '../../api'
import { language } from '../../i18n'
import type { Parts } from '../../ui'
import styles from './Club.module.css'
import { ClubRow } from './ClubRow'

/** The first clubs whose names have these words, or nothing; around them, what stands with them. */
export function FoundClubs({
  query,
  around,
}: {
  query: string
  around(rows: Parts, count: number | undefined): ReactElement
}) {
  const { data } = useQuery({
    queryKey: ['clubs', 'found', query],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/clubs', { params: { query: { q: query, limit: 10 } }, signal })),
    enabled: query !== '',
    retry: false,
    networkMode: 'always',
  })
  const clubs = data?.clubs
  const rows = clubs && clubs.length > 0 && (
    <ul className={styles.rows}>
      {clubs.map((club) => (
        <ClubRow key={club.id} club={club} language={language()} />
      ))}
    </ul>
  )
  return around(rows, clubs?.length)
}
