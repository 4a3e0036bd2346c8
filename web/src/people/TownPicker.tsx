import { useQuery } from '@tanstack/react-query'
import { Check, MapPin } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useState } from 'react'
import { answer, api, Problem, type Town } from '../api'
import { language, useTranslation } from '../i18n'
import { useProblemText } from '../i18n/problem'
import { Button, Icon, Skeleton } from '../ui'
import styles from './people.module.css'

const PAUSE_MS = 180

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

export function countryName(code: string, tag: string): string {
  try {
    return new Intl.DisplayNames([tag], { type: 'region' }).of(code) ?? code
  } catch {
    return code // not a country's code
  }
}

/** Looks for a town by the beginning of its name, in any script. A combobox: arrows and Enter. */
export function TownPicker({
  chosen,
  onChoose,
}: {
  chosen: Town | undefined
  onChoose(town: Town | undefined): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const id = useId()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const query = useSettled(text).trim()
  const tag = language()
  const towns = useQuery({
    queryKey: ['towns', tag, query],
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/towns', { params: { query: { q: query, language: tag } }, signal }),
      ).then((a) => a.towns),
    enabled: query !== '' && !chosen,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  })
  const list = query === '' ? [] : (towns.data ?? [])
  const open = !chosen && list.length > 0

  const choose = (town: Town) => {
    setText(town.name)
    onChoose(town)
  }

  function key(event: KeyboardEvent) {
    if (!open || event.nativeEvent.isComposing) return
    if (event.key === 'ArrowDown') setActive((active + 1) % list.length)
    else if (event.key === 'ArrowUp') setActive((active + list.length - 1) % list.length)
    else if (event.key === 'Enter') {
      const town = list[active]
      if (town) choose(town)
    } else return
    event.preventDefault()
  }

  return (
    <div className={styles.parts}>
      <div className={styles.search}>
        <label className="only-heard" htmlFor={id}>
          {t('person.town.label')}
        </label>
        <Icon of={MapPin} size={20} />
        <input
          id={id}
          dir="auto"
          role="combobox"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={open ? `${id}-${active}` : undefined}
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          maxLength={80}
          placeholder={t('person.town.label')}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setActive(0)
            if (chosen) onChoose(undefined)
          }}
          onKeyDown={key}
        />
      </div>
      {chosen ? (
        <p className={styles.town}>
          <span>
            <bdi>{chosen.name}</bdi>
            <small>{placeOf(chosen, tag)}</small>
          </span>
          <Icon of={Check} />
        </p>
      ) : (
        <div id={`${id}-list`} role="listbox" aria-label={t('person.town.list')}>
          {list.map((town, i) => (
            <button
              key={town.id}
              id={`${id}-${i}`}
              type="button"
              role="option"
              aria-selected={i === active}
              tabIndex={-1}
              className={styles.town}
              onClick={() => choose(town)}
            >
              <span>
                <bdi>{town.name}</bdi>
                <small>{placeOf(town, tag)}</small>
              </span>
            </button>
          ))}
        </div>
      )}
      {!chosen && query !== '' && towns.isPending && (
        <div aria-busy="true">
          <p className="only-heard">{t('person.town.looking')}</p>
          <Skeleton height="3.25rem" />
        </div>
      )}
      {!chosen && query !== '' && towns.data?.length === 0 && (
        <p className={styles.none}>{t('person.town.none')}</p>
      )}
      {!chosen && towns.isError && (
        <div className={styles.trouble}>
          <p className={styles.none}>{say(Problem.of(towns.error))}</p>
          <Button onClick={() => void towns.refetch()}>{t('common.retry')}</Button>
        </div>
      )}
      <p className="only-heard" role="status">
        {open && t('person.found', { count: list.length })}
      </p>
    </div>
  )
}

function placeOf(town: Town, tag: string): string {
  const country = countryName(town.country, tag)
  return town.area && town.area !== town.name ? `${town.area}, ${country}` : country
}
