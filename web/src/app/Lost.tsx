import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from '../i18n'
import { Button, buttonClass, EmptyState, Page, Quiet } from '../ui'
import { useBroken } from './broken'
import { Lifeline } from './Lifeline'
import { isLoadFailure, newer, reloadFresh } from './stale'

/** No such address. */
export function Nowhere() {
  const { t } = useTranslation()
  return (
    <Page title={t('app.nowhere.title')}>
      <EmptyState
        title={t('app.nowhere.text')}
        art={<Quiet seed="nowhere" size={260} />}
        action={
          <Link to="/" data-primary="" className={buttonClass({ look: 'primary' })}>
            {t('common.toRooms')}
          </Link>
        }
      />
    </Page>
  )
}

/** What stands around the pages threw: the way to mute and to leave comes with the message. */
export function BrokenHouse(props: ErrorComponentProps) {
  return (
    <main>
      <Lifeline />
      <Broken {...props} />
    </main>
  )
}

/** A page threw. The live room stands outside React and goes on, its controls in the dock. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation()
  useBroken()
  if (isLoadFailure(error)) return <Unloaded />
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

/** Its code did not come: there is a newer one, or no connection. Trying again in place helps neither. */
function Unloaded() {
  const { t } = useTranslation()
  const [stale, setStale] = useState<boolean>()
  useEffect(() => {
    void newer().then((found) => setStale(found === true))
  }, [])

  async function again() {
    if ((await newer()) !== undefined) await reloadFresh()
  }
  if (stale === undefined) {
    return (
      <Page title={t('app.loading')}>
        <div aria-busy="true" />
      </Page>
    )
  }
  return (
    <Page title={t(stale ? 'app.stale.title' : 'app.offline.title')}>
      <EmptyState
        title={t(stale ? 'app.stale.text' : 'app.offline.text')}
        art={<Quiet seed="stale" />}
        action={
          <Button look="primary" onClick={() => void (stale ? reloadFresh() : again())}>
            {t(stale ? 'app.stale.action' : 'common.retry')}
          </Button>
        }
      />
    </Page>
  )
}
