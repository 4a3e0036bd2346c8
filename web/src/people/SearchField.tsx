import { Search } from 'lucide-react'
import { useId } from 'react'
import { useTranslation } from '../i18n'
import { Icon } from '../ui'
import styles from './people.module.css'

/** One line to look for something in a list that stands below it. */
export function SearchField({
  label,
  value,
  onChange,
  count,
  focus = false,
  maxLength = 60,
}: {
  label: string
  value: string
  onChange(value: string): void
  /** How many were found; undefined while nobody searches. Read out. */
  count?: number | undefined
  /** Ready to type in when it is shown. */
  focus?: boolean
  maxLength?: number
}) {
  const { t } = useTranslation()
  const id = useId()
  return (
    <div className={styles.search}>
      <label className="only-heard" htmlFor={id}>
        {label}
      </label>
      <Icon of={Search} size={20} />
      <input
        id={id}
        type="search"
        dir="auto"
        enterKeyHint="search"
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: the page is there to type into this field.
        autoFocus={focus}
        maxLength={maxLength}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <p className="only-heard" role="status">
        {count !== undefined && t('person.found', { count })}
      </p>
    </div>
  )
}
