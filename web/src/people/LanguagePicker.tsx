import { useMemo, useState } from 'react'
import { useTranslation } from '../i18n'
import { likelyLanguages, spokenLanguages, spokenName } from '../i18n/languages'
import { Button, Chips } from '../ui'
import { MOST_LANGUAGES } from './lists'
import styles from './people.module.css'
import { SearchField } from './SearchField'
import { find } from './search'

const SHOWN = 12

/** The languages somebody speaks: likely ones at once, any other by a few letters of its name. */
export function LanguagePicker({
  values,
  onChange,
}: {
  values: readonly string[]
  onChange(values: string[]): void
}) {
  const { t, i18n } = useTranslation()
  const tag = i18n.language
  const [query, setQuery] = useState('')
  const [all, setAll] = useState(false)
  // Chips stay where they are while they are switched: the list only grows.
  const [near, setNear] = useState(() => [
    ...new Set([...values, ...likelyLanguages([...navigator.languages, tag, 'en'])]),
  ])
  const everyone = useMemo(
    () =>
      spokenLanguages
        .map((code) => ({
          code,
          name: spokenName(code, tag),
          names: [spokenName(code, tag), spokenName(code, code), spokenName(code, 'en'), code],
        }))
        .sort((a, b) => a.name.localeCompare(b.name, tag)),
    [tag],
  )
  const found = find(everyone, query, (one) => one.names).map((one) => one.code)
  const searching = query.trim() !== ''
  const list = searching
    ? found.slice(0, SHOWN)
    : all
      ? [...near, ...everyone.map((one) => one.code).filter((code) => !near.includes(code))]
      : near

  function change(next: string[]) {
    if (next.length > MOST_LANGUAGES) return
    const added = next.find((code) => !near.includes(code))
    if (added) setNear([...near, added])
    // What was looked for is found.
    if (next.length > values.length) setQuery('')
    onChange(next)
  }

  return (
    <div className={styles.parts}>
      <SearchField
        label={t('person.languages.find')}
        value={query}
        onChange={setQuery}
        count={searching ? found.length : undefined}
      />
      {searching && list.length === 0 ? (
        <p className={styles.none}>{t('person.languages.none', { query: query.trim() })}</p>
      ) : (
        <Chips<string>
          label={t('person.languages.label')}
          hideLabel
          chips={list.map((code) => ({ value: code, label: spokenName(code, tag) }))}
          values={values}
          onChange={change}
        />
      )}
      {!searching && !all && (
        <div>
          <Button look="plain" className={styles.more} onClick={() => setAll(true)}>
            {t('person.languages.all', { count: spokenLanguages.length })}
          </Button>
        </div>
      )}
      {values.length >= MOST_LANGUAGES && (
        <p className={styles.none}>{t('person.languages.most', { most: MOST_LANGUAGES })}</p>
      )}
    </div>
  )
}
