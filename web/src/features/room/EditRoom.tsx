import { type FormEvent, useEffect, useId, useState } from 'react'
import type { Category, Room } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { Button, Chips, moodNames, Sheet, TextField, Trouble, useWrongField } from '../../ui'
import { session } from '../../voice/session'
import { addressOf } from './PinnedLink'
import styles from './PinnedLink.module.css'

/** The hosts': what the room is called, what it is about, and the link that stands in it. */
export function EditRoom({
  open,
  onOpenChange,
  room,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  room: Room
}) {
  const { t } = useTranslation()
  const form = useId()
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  useEffect(() => {
    if (open) setTrouble(undefined)
  }, [open])
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('room.edit.title')}
      actions={
        <>
          <Trouble>{trouble}</Trouble>
          <Button look="primary" large full type="submit" form={form} busy={busy}>
            {t('common.save')}
          </Button>
        </>
      }
    >
      <Form
        id={form}
        room={room}
        onBusy={setBusy}
        onTrouble={setTrouble}
        onDone={() => onOpenChange(false)}
      />
    </Sheet>
  )
}

function Form({
  id,
  room,
  onBusy,
  onTrouble,
  onDone,
}: {
  id: string
  room: Room
  onBusy(busy: boolean): void
  /** What the server refuses is said beside the button that was pressed. */
  onTrouble(said: string | undefined): void
  onDone(): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [title, setTitle] = useState(room.title)
  const [category, setCategory] = useState<Category>(room.category)
  const [link, setLink] = useState(room.link ?? '')
  const [wrong, setWrong] = useState<{ field: string; text: string }>()
  const { form, refused } = useWrongField<HTMLFormElement>()
  const at = (field: string) => (wrong?.field === field ? wrong.text : undefined)
  const changed = (field: string) => wrong?.field === field && setWrong(undefined)
  const refuse = (field: string, text: string) => {
    setWrong({ field, text })
    refused()
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    const address = addressOf(link)
    onTrouble(undefined)
    if (title.trim() === '') return refuse('body.title', t('lobby.start.titleMissing'))
    if (address === undefined || address.length > limits.roomLinkMost)
      return refuse('body.link', say({ code: 'room.link_invalid' }))
    onBusy(true)
    const problem = await session.edit({
      ...(title.trim() === room.title ? {} : { title: title.trim() }),
      ...(category === room.category ? {} : { category }),
      ...(address === (room.link ?? '') ? {} : { link: address }),
    })
    onBusy(false)
    if (!problem) onDone()
    else if (problem.field === 'body.title' || problem.field === 'body.link')
      refuse(problem.field, say(problem))
    else onTrouble(say(problem))
  }

  return (
    <form ref={form} id={id} onSubmit={submit} className={styles.form} noValidate>
      <TextField
        label={t('lobby.start.name')}
        value={title}
        maxLength={limits.titleMost}
        error={at('body.title')}
        onChange={(event) => {
          setTitle(event.target.value)
          changed('body.title')
        }}
      />
      <Chips<Category>
        label={t('lobby.start.category')}
        value={category}
        onChange={setCategory}
        chips={moodNames.map((m) => ({ value: m, label: t(`category.${m}`), mood: m }))}
      />
      <TextField
        label={t('room.edit.link')}
        hint={t('room.edit.linkHint')}
        value={link}
        inputMode="url"
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        dir="ltr"
        maxLength={limits.roomLinkMost}
        error={at('body.link')}
        onChange={(event) => {
          setLink(event.target.value)
          changed('body.link')
        }}
      />
    </form>
  )
}
