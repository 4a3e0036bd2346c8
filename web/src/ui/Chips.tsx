import { useId, useRef } from 'react'
import styles from './Chips.module.css'
import { type Mood, mood } from './moods'

export type Chip<T extends string> = { value: T; label: string; mood?: Mood }

type Common<T extends string> = {
  label: string
  /** Keeps the label for screen readers only. */
  hideLabel?: boolean
  chips: readonly Chip<T>[]
  /** One line that scrolls, instead of several lines. */
  line?: boolean
}

type One<T extends string> = Common<T> & { value: T | undefined; onChange(value: T): void }
type Many<T extends string> = Common<T> & { values: readonly T[]; onChange(values: T[]): void }

/** A choice among words. Radios or checkboxes underneath, so keys and readers just work. */
export function Chips<T extends string>(props: One<T> | Many<T>) {
  const { label, hideLabel = false, chips, line = false } = props
  const group = useId()
  const row = useRef<HTMLDivElement>(null)
  const many = 'values' in props
  const chosen = (value: T) => (many ? props.values.includes(value) : props.value === value)

  function change(value: T, on: boolean) {
    if (!many) props.onChange(value)
    else props.onChange(on ? [...props.values, value] : props.values.filter((v) => v !== value))
  }

  return (
    <fieldset className={styles.group}>
      <legend className={hideLabel ? 'only-heard' : styles.legend}>{label}</legend>
      <div ref={row} className={`${styles.chips} ${line ? styles.line : ''}`}>
        {chips.map((chip) => (
          <label
            key={chip.value}
            className={`${styles.chip} ${chip.mood ? styles.mooded : ''}`}
            {...(chip.mood ? mood(chip.mood) : {})}
          >
            <input
              type={many ? 'checkbox' : 'radio'}
              name={group}
              value={chip.value}
              checked={chosen(chip.value)}
              onChange={(event) => {
                change(chip.value, event.target.checked)
                event.target
                  .closest('label')
                  ?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
              }}
            />
            <span>{chip.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
