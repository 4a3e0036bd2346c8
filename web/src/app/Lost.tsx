import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { useTranslation } from '../i18n'
import { Button, buttonClass, EmptyState, Page, Quiet } from '../ui'

/** No such address. */
export function Nowhere() {
  const { t } = useTranslation()
  return (
    <Page title={t('app.nowhere.title')}>
      <EmptyState
        title={t('app.nowhere.text')}
        art={<Quiet seed="nowhere" size={260} />}
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
        art={<Quiet seed="broken" />}
        action={
          <Button look="primary" onClick={reset}>
            {t('common.retry')}
          </Button>
        }
      />
    </Page>
  )
}
