import * as Dialog from '@radix-ui/react-dialog'
import { X } from 'lucide-react'
import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './Button'
import { backTo, handOn, openerNow } from './focus'
import type { Parts } from './parts'
import styles from './Sheet.module.css'
import { useBackCloses } from './useBackCloses'

type Props = {
  open: boolean
  onOpenChange(open: boolean): void
  title: ReactNode
  /** One sentence under the title. */
  lead?: ReactNode
  children?: Parts
  /** The thing to do, at thumb height. */
  actions?: ReactNode
  /** Asks before something that cannot be undone: announced at once. */
  alert?: boolean
}

/**
 * Rises from below on a phone, stands in the middle on a desk. Escape, back and a tap outside close it; one
 * that asks before something stays for a tap outside.
 */
export function Sheet({
  open,
  onOpenChange,
  title,
  lead,
  children,
  actions,
  alert = false,
}: Props) {
  const { t } = useTranslation()
  const opener = useRef<Element | null>(null)
  useBackCloses(open, () => onOpenChange(false))
  useLayoutEffect(() => (open ? () => handOn(opener.current) : undefined), [open])
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.scrim} />
        <Dialog.Content
          className={styles.sheet}
          role={alert ? 'alertdialog' : 'dialog'}
          onOpenAutoFocus={() => {
            opener.current = openerNow()
          }}
          onCloseAutoFocus={(event) => {
            // Radix knows the way back only to a trigger of its own.
            event.preventDefault()
            // What was chosen in it may have taken the focus already.
            if (document.activeElement === document.body) backTo(opener.current)
          }}
          // A stray tap is no answer to a question.
          onPointerDownOutside={(event) => alert && event.preventDefault()}
          {...(lead ? {} : { 'aria-describedby': undefined })}
        >
          <header className={styles.head}>
            <Dialog.Title className={styles.title}>{title}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label={t('common.close')} icon={X} />
            </Dialog.Close>
          </header>
          <div className={styles.body}>
            {lead && <Dialog.Description className={styles.lead}>{lead}</Dialog.Description>}
            {children}
          </div>
          {actions && <footer className={styles.actions}>{actions}</footer>}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
