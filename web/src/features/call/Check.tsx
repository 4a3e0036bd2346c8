import type { Me } from '../../api'
import { useTranslation } from '../../i18n'
import { MicCheck } from '../../people'

/** Before the first call on a device. */
export function Check({ me, onClose, onGo }: { me: Me; onClose(): void; onGo(): void }) {
  const { t } = useTranslation()
  return (
    <MicCheck
      person={me}
      words={{
        lead: t('call.check.lead'),
        denied: t('call.mic.denied'),
        missing: t('call.mic.missing'),
        go: t('call.check.go'),
        later: t('call.check.later'),
      }}
      onClose={onClose}
      onGo={onGo}
    />
  )
}
