import { useState } from 'react'
import { useTranslation } from '../i18n'
import {
  type Interest,
  type InterestGroup,
  interestGroupName,
  interestName,
  interestTree,
  knownInterest,
} from '../i18n/interests'
import { Chips } from '../ui'
import { MOST_INTERESTS } from './lists'
import styles from './people.module.css'
import { SearchField } from './SearchField'
import { find } from './search'

const leaves = interestTree.flatMap(({ group, interests }) =>
  interests.map((key) => ({ key, group })),
)
const isInterest = (key: string): key is Interest => knownInterest(key) !== undefined

/** What somebody likes: one branch of the tree at a time, or whatever they type. */
export function InterestPicker({
  values,
  onChange,
}: {
  values: readonly string[]
  onChange(values: Interest[]): void
}) {
  const { t, i18n } = useTranslation()
  const [query, setQuery] = useState('')
  const [group, setGroup] = useState<InterestGroup>('music')
  const chosen = values.filter(isInterest)
  const english = i18n.getFixedT('en')
  const searching = query.trim() !== ''
  const found = find(leaves, query, ({ key, group: of }) => [
    t(interestName(key)),
    english(interestName(key)),
    t(interestGroupName(of)),
  ]).map((one) => one.key)
  const branch = interestTree.find((one) => one.group === group)?.interests ?? []
  const chips = (keys: readonly Interest[]) =>
    keys.map((value) => ({ value, label: t(interestName(value)) }))

  function change(next: Interest[]) {
    if (next.length > MOST_INTERESTS) return
    onChange(next)
  }

  return (
    <div className={styles.parts}>
      <SearchField
        label={t('person.interests.find')}
        value={query}
        onChange={setQuery}
        count={searching ? found.length : undefined}
      />
      {chosen.length > 0 && (
        <div className={styles.chosen}>
          <Chips<Interest>
            label={t('person.interests.chosen', { count: chosen.length, most: MOST_INTERESTS })}
            chips={chips(chosen)}
            values={chosen}
            onChange={change}
            line
          />
        </div>
      )}
      {!searching && (
        <Chips<InterestGroup>
          label={t('person.interests.groups')}
          hideLabel
          chips={interestTree.map((one) => ({
            value: one.group,
            label: t(interestGroupName(one.group)),
          }))}
          value={group}
          onChange={setGroup}
          line
        />
      )}
      {searching && found.length === 0 ? (
        <p className={styles.none}>{t('person.interests.none', { query: query.trim() })}</p>
      ) : (
        <Chips<Interest>
          label={searching ? t('person.interests.found') : t(interestGroupName(group))}
          hideLabel
          chips={chips(searching ? found.slice(0, 30) : branch)}
          values={chosen}
          onChange={change}
        />
      )}
    </div>
  )
}
