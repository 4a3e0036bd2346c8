import { Globe } from 'lucide-react'
import { useState } from 'react'
import { me } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, Icon, Sheet, Switch, toast, useStore } from '../../ui'
import { session } from '../../voice/session'
import styles from './Sharing.module.css'

/** Whether people without an account see one's own name and aura, as the texts ask for it. */
export function useShown(): 'yes' | 'no' {
  const who = useStore(me)
  return who.status === 'in' && who.me.public ? 'yes' : 'no'
}

/** The host's: whether anybody with the link can listen, and what that means. */
export function ShareSwitch({ shared }: { shared: boolean }) {
  const { t } = useTranslation()
  const say = useProblemText()
  /** Shown at once; taken back if the server says no. */
  const [wish, setWish] = useState<boolean>()

  async function set(on: boolean) {
    setWish(on)
    const problem = await session.share(on)
    setWish(undefined)
    if (problem) toast({ text: say(problem) })
  }

  return (
    <div className={styles.switch}>
      <Switch
        label={t('room.shared.switch')}
        hint={t('room.shared.hint')}
        on={wish ?? shared}
        busy={wish !== undefined}
        onChange={(on) => void set(on)}
      />
    </div>
  )
}

/** Tells everybody inside that people without an account may listen, and what they get to know. */
export function PublicBadge({ onOpen }: { onOpen(): void }) {
  const { t } = useTranslation()
  return (
    <button type="button" className={styles.badge} onClick={onOpen}>
      <Icon of={Globe} size={16} />
      <span>{t('room.shared.badge')}</span>
    </button>
  )
}

/** What outsiders see and hear; before a seat is taken, a question. */
export function PublicSheet({
  open,
  onOpenChange,
  shown,
  onSit,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  shown: 'yes' | 'no'
  onSit?: () => void
}) {
  const { t } = useTranslation()
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('room.shared.title')}
      lead={
        onSit ? t('room.shared.seat', { public: shown }) : t('room.shared.text', { public: shown })
      }
      actions={
        onSit ? (
          <>
            <Button look="primary" large full onClick={onSit}>
              {t('room.check.go')}
            </Button>
            <Button look="quiet" large full onClick={() => onOpenChange(false)}>
              {t('room.check.later')}
            </Button>
          </>
        ) : (
          <Button look="primary" large full onClick={() => onOpenChange(false)}>
            {t('room.shared.ok')}
          </Button>
        )
      }
    />
  )
}
