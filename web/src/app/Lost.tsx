import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { useTranslation } from '../i18n'
import { Button, buttonClass, EmptyState, Page } from '../ui'

/** No such address. */
export function Nowhere() {
  const { t } = useTranslation()
  return (
    <Page title={t('app.nowhere.title')}>
      <EmptyState
        title={t('app.nowhere.text')}
        action={
          <Link to="/" className={buttonClass({ look: 'primary' })}>
            {t('common.toRooms')}
          </Link>
        }
      />
    </Page>
  )
}

/** A page threw. The live room stands outside React and goes on. */
export function Broken({ reset }: ErrorComponentProps) {
  const { t } = useTranslation()
  return (
    <Page title={t('app.broken.title')}>
      <EmptyState
        title={t('app.broken.text')}
        action={
          <Button look="primary" onClick={reset}>
            {t('common.retry')}
          </Button>
        }
      />
    </Page>
  )
}
