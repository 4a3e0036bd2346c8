import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { answer, api, type Counts, type Me, type Preferences } from '../../api'
import { useTranslation } from '../../i18n'
import { spokenName } from '../../i18n/languages'
import { useWords } from '../../people'
import { agesInWords, kept, OLDEST, shown, YOUNGEST } from '../../people/ages'
import { genders } from '../../people/lists'
import { Button, Chips, type Parts, Range, Sheet, Trouble } from '../../ui'
import styles from './Filters.module.css'
import { dropped, narrows, type PreferenceKey, preferenceKeys } from './preferences'
import { useMe } from './States'

/** After the last change, before the server is asked how many are left. */
const restMs = 300

function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs)
    return () => clearTimeout(timer)
  }, [value])
  return rested
}

function useCounts(preferences: Preferences, wanted: boolean): Counts | undefined {
  const rested = useRested(preferences)
  const { data } = useQuery({
    queryKey: ['discover-counts', rested],
    enabled: wanted,
    placeholderData: keepPreviousData,
    queryFn: () =>
      answer(
        api.GET('/api/discover/counts', {
          params: { query: rested },
          querySerializer: { array: { style: 'form', explode: false } },
        }),
      ),
  })
  return data
}

/** Whom one would like to meet. Every wish says how many people it leaves. */
export function Filters({
  open,
  onOpenChange,
  me,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  me: Me
}) {
  const { t } = useTranslation()
  const words = useWords()
  const [preferences, setPreferences] = useState(me.preferences)
  const { busy, problem, change } = useMe()
  const counts = useCounts(preferences, open)

  useEffect(() => {
    if (open) setPreferences(me.preferences)
  }, [open, me.preferences])

  const set = (more: Partial<Preferences>) => setPreferences({ ...preferences, ...more })
  const liked = [...new Set([...me.interests, ...preferences.interests])]
  const spoken = [...new Set([...me.languages, ...preferences.languages])]
  const ages = shown(preferences)
  const any = preferenceKeys.some((key) => narrows(preferences, key))
  const left = (key: PreferenceKey) =>
    counts && narrows(preferences, key)
      ? t('discover.filters.left', {
          with: counts.people,
          without: counts.without[key] ?? counts.people,
        })
      : undefined

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('discover.filters.title')}
      lead={t('discover.filters.lead')}
      actions={
        <>
          <Trouble>{problem}</Trouble>
          <Button
            look="primary"
            large
            full
            busy={busy}
            onClick={async () => {
              if (await change({ preferences })) onOpenChange(false)
            }}
          >
            {counts ? t('discover.filters.show', { count: counts.people }) : t('common.save')}
          </Button>
        </>
      }
    >
      <p className="only-heard" aria-live="polite">
        {counts && t('discover.filters.people', { count: counts.people })}
      </p>
      <Wish left={left('ages')}>
        <Range
          label={t('person.ages')}
          names={{ from: t('person.agesFrom'), to: t('person.agesTo') }}
          least={YOUNGEST}
          most={OLDEST}
          from={ages.from}
          to={ages.to}
          text={agesInWords(ages)}
          onChange={(from, to) => set(kept({ from, to }))}
        />
      </Wish>
      <Wish left={left('meet')}>
        <Chips
          label={t('person.meetLabel')}
          chips={genders.map((value) => ({ value, label: t(`person.meet.${value}`) }))}
          values={genders.filter((value) => preferences.meet.includes(value))}
          onChange={(meet: string[]) => {
            // Nobody at all is no wish.
            if (meet.length > 0) set({ meet })
          }}
        />
      </Wish>
      {me.intents.length > 1 && (
        <Wish left={left('intents')}>
          <Chips
            label={t('discover.filters.intents')}
            chips={me.intents.map((value) => ({ value, label: words.intentTitle(value) }))}
            values={preferences.intents}
            onChange={(intents: string[]) => set({ intents })}
          />
        </Wish>
      )}
      {spoken.length > 1 && (
        <Wish left={left('languages')}>
          <Chips
            label={t('discover.filters.languages')}
            chips={spoken.map((value) => ({ value, label: spokenName(value) }))}
            values={preferences.languages}
            onChange={(languages: string[]) => set({ languages })}
          />
        </Wish>
      )}
      {liked.length > 0 && (
        <Wish left={left('interests')}>
          <Chips
            label={t('discover.filters.interests')}
            chips={liked.map((value) => ({ value, label: words.interest(value) }))}
            values={preferences.interests}
            onChange={(interests: string[]) => set({ interests })}
          />
        </Wish>
      )}
      <Wish left={left('verified_only')}>
        <label className={styles.switch}>
          <span>
            <span>{t('discover.filters.verified')}</span>
            {!me.verified && <small>{t('discover.filters.verifiedFirst')}</small>}
          </span>
          <input
            type="checkbox"
            checked={preferences.verified_only}
            disabled={!me.verified}
            onChange={(event) => set({ verified_only: event.target.checked })}
          />
        </label>
      </Wish>
      {any && (
        <Button
          look="plain"
          onClick={() => setPreferences(preferenceKeys.reduce(dropped, preferences))}
        >
          {t('discover.filters.widen')}
        </Button>
      )}
    </Sheet>
  )
}

function Wish({ left, children }: { left: string | undefined; children: Parts }) {
  return (
    <div className={styles.wish}>
      {children}
      <p className={`${styles.left} numbers`}>{left}</p>
    </div>
  )
}
