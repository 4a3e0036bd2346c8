import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Person } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { limits } from '../../i18n/vocabulary.gen'
import { SearchField } from '../../people'
import { Page } from '../../ui'
import { Results, throughResults } from './Results'
import styles from './Results.module.css'
import { useSearch } from './useSearch'
import { WithPartner } from './WithPartner'

interface Props {
  /** The query of the search before. */
  query?: string | undefined
  onQuery(text: string): void
}

/** What was said in the conversation with one person. */
export function SearchPage({ person, ...props }: Props & { person: string }) {
  return (
    <WithPartner person={person}>
      {(partner) => <Within person={partner.person} {...props} />}
    </WithPartner>
  )
}

function Within({ person, query = '', onQuery }: Props & { person: Person }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const name = isolate(person.name)
  const [text, setText] = useState(query)
  const search = useSearch(text, person.id)
  const title = t('chats.search.within', { name })
  return (
    <Page
      title={title}
      onBack={() => void navigate({ to: '/chats/$person', params: { person: person.id } })}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of what is inside. */}
      <div className={styles.search} onKeyDown={throughResults}>
        <SearchField
          label={t('chats.search.hint')}
          value={text}
          onChange={(value) => {
            setText(value)
            onQuery(value)
          }}
          focus={query === ''}
          maxLength={limits.queryMost}
          {...(search.query !== '' && search.status === 'ready'
            ? { count: search.found.length }
            : {})}
        />
        {search.query !== '' && <Results search={search} within={name} />}
      </div>
    </Page>
  )
}
