import { useState } from 'react'
import type { Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, Sheet, Trouble } from '../../ui'

/** Asks before a message is deleted for both. */
export function Remove({
  name,
  onClose,
  onGo,
}: {
  /** Isolated. */
  name: string
  onClose(): void
  onGo(): Promise<Problem | undefined>
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  async function go() {
    setBusy(true)
    const refused = await onGo()
    setBusy(false)
    if (refused) setProblem(refused)
    else onClose()
  }
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      alert
      title={t('chats.remove.title')}
      lead={t('chats.remove.lead', { name })}
      actions={
        <>
          <Trouble>{problem && say(problem)}</Trouble>
          <Button look="danger" large full busy={busy} onClick={() => void go()}>
            {t('chats.remove.go')}
          </Button>
          <Button large full onClick={onClose}>
            {t('chats.remove.stay')}
          </Button>
        </>
      }
    />
  )
}
