import {
  type EmojiData,
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
  EmojiPicker as Picker,
} from 'frimousse'
import { useEffect, useState } from 'react'
import { useTranslation } from '../../i18n'
import { useDesk, useStore } from '../../ui'
import styles from './EmojiPicker.module.css'
import { setSkinTone, skinTone, toneKeys } from './emoji'

/** As --touch: what a finger hits. */
const CELL = 44
/** A sheet leaves this beside its contents, and a bar to scroll by. */
const BESIDE = 64
const MOST = 9

const fitting = () => Math.max(3, Math.min(MOST, Math.floor((innerWidth - BESIDE) / CELL)))

function useColumns(): number {
  const [columns, setColumns] = useState(fitting)
  useEffect(() => {
    const again = () => setColumns(fitting())
    addEventListener('resize', again)
    return () => removeEventListener('resize', again)
  }, [])
  return columns
}

function GroupName({ category, ...props }: EmojiPickerListCategoryHeaderProps) {
  return (
    <div {...props} className={styles.group}>
      {category.label}
    </div>
  )
}

/** ARIA counts rows and columns from one, the picker from none. */
const counted = (index: number | undefined) => (index === undefined ? undefined : index + 1)

function OneRow(props: EmojiPickerListRowProps) {
  const row = { 'aria-rowindex': counted(props['aria-rowindex']) }
  return <div {...props} {...row} className={styles.row} />
}

function OneEmoji({ emoji, ...props }: EmojiPickerListEmojiProps) {
  const column = { 'aria-colindex': counted(props['aria-colindex']) }
  return (
    <button {...props} {...column} type="button" className={styles.emoji}>
      {emoji.emoji}
    </button>
  )
}

const parts = { CategoryHeader: GroupName, Row: OneRow, Emoji: OneEmoji }

/** Every emoji there is, to search and to choose one. */
export function EmojiPicker({
  data,
  onChoose,
}: {
  data: EmojiData
  onChoose(emoji: string): void
}) {
  const { t } = useTranslation()
  const desk = useDesk()
  const columns = useColumns()
  const tone = useStore(skinTone)
  return (
    <Picker.Root
      className={styles.picker}
      locale={data.locale}
      columns={columns}
      skinTone={tone}
      resolveEmojiData={() => data}
      onEmojiSelect={({ emoji }) => onChoose(emoji)}
    >
      <div className={styles.head}>
        <Picker.Search
          className={styles.search}
          // A phone would cover half of them with its keyboard.
          autoFocus={desk}
          aria-label={t('chats.emoji.search')}
          placeholder={t('chats.emoji.search')}
          dir="auto"
        />
        <Picker.SkinTone emoji="✋">
          {({ skinTone: now, skinToneVariations: all }) => {
            const at = all.findIndex((one) => one.skinTone === now)
            const next = all[(at + 1) % all.length]
            return (
              <button
                type="button"
                className={styles.tone}
                aria-label={t('chats.emoji.tone', {
                  tone: t(`chats.emoji.tones.${toneKeys[now]}`),
                })}
                onClick={() => next && setSkinTone(next.skinTone)}
              >
                {all[at]?.emoji}
              </button>
            )
          }}
        </Picker.SkinTone>
      </div>
      <Picker.Viewport className={styles.viewport} tabIndex={0} aria-label={t('chats.emoji.all')}>
        <Picker.Empty className={styles.note}>{t('chats.emoji.none')}</Picker.Empty>
        <Picker.List className={styles.list} components={parts} />
      </Picker.Viewport>
    </Picker.Root>
  )
}
