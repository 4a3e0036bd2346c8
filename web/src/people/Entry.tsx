import { Armchair, ChevronDown, Lock } from 'lucide-react'
import type { Me, Room } from '../api'
import { useTranslation } from '../i18n'
import { limits } from '../i18n/vocabulary.gen'
import { Chips, Icon, Select, Switch, TextField } from '../ui'
import styles from './Entry.module.css'

/** What a room asks of whoever comes in, as its host fills it in. */
export interface EntryWish {
  access: Room['access']
  pin: string
  /** 0: any number. */
  capacity: number
  womenOnly: boolean
  verifiedOnly: boolean
}

export const anybody: EntryWish = {
  access: 'open',
  pin: '',
  capacity: 0,
  womenOnly: false,
  verifiedOnly: false,
}

/** What it was, and what is written into the form. */
export const entryOf = (room: Pick<Room, EntryField>): EntryWish => ({
  access: room.access,
  pin: '',
  capacity: room.capacity ?? 0,
  womenOnly: room.women_only === true,
  verifiedOnly: room.verified_only === true,
})
type EntryField = 'access' | 'capacity' | 'women_only' | 'verified_only'

const ways: readonly Room['access'][] = ['open', 'followers', 'club', 'link', 'pin']
const sizes = [0, 2, 5, 10, 20, 50, 100, 500, 1000, 5000]

/**
 * Who can come into a room: one choice, and the rest behind a word. Nobody is offered what the server
 * refuses them: a room for women is opened by a woman.
 */
export function EntryFields({
  wish,
  onChange,
  me,
  inClub,
  pinError,
  hasPIN = false,
  titled = false,
  talks,
  onTalks,
}: {
  wish: EntryWish
  onChange(wish: EntryWish): void
  me: Pick<Me, 'gender' | 'verified'>
  /** The room is in a club: its members alone can be let in. */
  inClub: boolean
  pinError: string | undefined
  /** The room has a PIN, which stays unless another one is written. */
  hasPIN?: boolean
  /** What is around the form asks its question already. */
  titled?: boolean
  /** Whether everybody talks, where that can be chosen. */
  talks?: boolean
  onTalks?(on: boolean): void
}) {
  const { t, i18n } = useTranslation()
  const set = (change: Partial<EntryWish>) => onChange({ ...wish, ...change })
  const number = new Intl.NumberFormat(i18n.language)
  const capacities = sizes.includes(wish.capacity)
    ? sizes
    : [...sizes, wish.capacity].sort((a, b) => a - b)
  return (
    <>
      <Chips<Room['access']>
        label={t('room.entry.title')}
        hideLabel={titled}
        value={wish.access}
        onChange={(access: Room['access']) => set({ access })}
        chips={ways
          .filter((way) => way !== 'club' || inClub || wish.access === 'club')
          .map((value) => ({ value, label: t(`room.entry.${value}`) }))}
      />
      {wish.access === 'pin' && (
        <PINField
          value={wish.pin}
          onChange={(pin) => set({ pin })}
          error={pinError}
          hint={t(hasPIN ? 'room.entry.pinKept' : 'room.entry.pinHint')}
        />
      )}
      {wish.access !== 'pin' && wish.access !== 'open' && (
        <p className={styles.lead}>{t(`room.entry.${wish.access}Lead`)}</p>
      )}
      <details className={styles.more}>
        <summary>
          <span>{t('room.entry.more')}</span>
          <Icon of={ChevronDown} size={20} />
        </summary>
        <div className={styles.fields}>
          {(me.gender === 'woman' || wish.womenOnly) && (
            <Switch
              label={t('room.entry.women')}
              hint={t('room.entry.womenHint')}
              on={wish.womenOnly}
              onChange={(womenOnly) => set({ womenOnly })}
            />
          )}
          {(me.verified || wish.verifiedOnly) && (
            <Switch
              label={t('room.entry.verified')}
              on={wish.verifiedOnly}
              onChange={(verifiedOnly) => set({ verifiedOnly })}
            />
          )}
          {onTalks && (
            <Switch
              label={t('room.entry.talks')}
              hint={t('room.entry.talksHint')}
              on={talks === true}
              onChange={onTalks}
            />
          )}
          <Select
            label={t('room.entry.most')}
            value={String(wish.capacity)}
            onChange={(event) => set({ capacity: Number(event.target.value) })}
            options={capacities.map((size) => ({
              value: String(size),
              label: size === 0 ? t('room.entry.anyNumber') : number.format(size),
            }))}
          />
        </div>
      </details>
    </>
  )
}

/** Digits alone, as a phone offers them; nothing fills them in. */
export function PINField({
  value,
  onChange,
  error,
  hint,
  focus = false,
}: {
  value: string
  onChange(pin: string): void
  error: string | undefined
  hint?: string
  focus?: boolean
}) {
  const { t } = useTranslation()
  return (
    <TextField
      label={t('room.entry.pinLabel')}
      value={value}
      code
      dir="ltr"
      inputMode="numeric"
      autoComplete="off"
      maxLength={limits.pinMost}
      error={error}
      hint={hint}
      ref={(field: HTMLInputElement | null) => {
        if (focus) field?.focus()
      }}
      onChange={(event) => onChange(event.target.value.replace(/[^0-9]/g, ''))}
    />
  )
}

/** Whether a PIN has enough digits. */
export const isPIN = (pin: string) => pin.length >= limits.pinLeast && pin.length <= limits.pinMost

/** Whether whoever comes in takes a seat: nobody only listens. */
export const allTalk = (of: { all_talk?: boolean; audience?: boolean }) =>
  of.all_talk === true || of.audience === false

/** A red dot and a word: the room is recorded. */
export function RecordedMark() {
  const { t } = useTranslation()
  return (
    <span className={styles.mark}>
      <span className={styles.dot} aria-hidden />
      <span>{t('room.recorded.badge')}</span>
    </span>
  )
}

/** What is asked of whoever comes in; nothing for a room that asks nothing. */
export function EntryMark({
  entry,
}: {
  entry: Pick<Room, EntryField> & { all_talk?: boolean; audience?: boolean }
}) {
  const { t } = useTranslation()
  const marks = [
    entry.access !== 'open' && t(`room.entry.mark.${entry.access}`),
    entry.women_only === true && t('room.entry.mark.women'),
    entry.verified_only === true && t('room.entry.mark.verified'),
  ].filter((mark) => mark !== false)
  const locked = marks.length > 0
  if (allTalk(entry)) marks.push(t('room.entry.mark.talks'))
  if (marks.length === 0) return null
  return (
    <span className={styles.mark}>
      <Icon of={locked ? Lock : Armchair} size={16} />
      <span>{marks.join(' · ')}</span>
    </span>
  )
}
