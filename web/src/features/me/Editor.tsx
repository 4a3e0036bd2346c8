import type { ReactNode } from 'react'
import type { Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, type Parts, Sheet, Trouble } from '../../ui'

/** One part of oneself in a sheet, with one way to keep it. */
export function Editor({
  title,
  lead,
  busy,
  problem,
  onSave,
  onClose,
  children,
}: {
  title: string
  lead?: ReactNode
  busy: boolean
  problem?: Problem
  onSave(): void
  onClose(): void
  children: Parts
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      lead={lead}
      actions={
        <>
          <Trouble>{problem && say(problem)}</Trouble>
          <Button look="primary" large full busy={busy} onClick={onSave}>
            {t('common.save')}
          </Button>
        </>
      }
    >
      {children}
    </Sheet>
  )
}
