import { isolate, useTranslation } from '../../i18n'
import { Button, Sheet } from '../../ui'
import { leaveForCall } from '../../voice/calls'

/** One microphone at a time: asks before a seat is given up for a call. */
export function LeaveStage({
  title,
  onClose,
  onGo,
}: {
  title: string
  onClose(): void
  onGo(): void
}) {
  const { t } = useTranslation()
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      alert
      title={t('call.stage.title')}
      lead={t('call.stage.lead', { title: isolate(title) })}
      actions={
        <>
          <Button
            look="primary"
            large
            full
            onClick={() => {
              leaveForCall()
              onGo()
            }}
          >
            {t('call.stage.go')}
          </Button>
          <Button look="plain" full onClick={onClose}>
            {t('call.stage.stay')}
          </Button>
        </>
      }
    />
  )
}
