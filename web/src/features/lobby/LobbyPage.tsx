import { useTranslation } from '../../i18n'
import { Page } from '../../ui'

export function LobbyPage() {
  const { t } = useTranslation()
  return <Page title={t('nav.rooms')}>{null}</Page>
}
