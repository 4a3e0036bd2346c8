import { useEffect, useState } from 'react'
import { me, passkeysWork, setMe } from '../../api'
import { useTranslation } from '../../i18n'
import { Doorway, useStore } from '../../ui'
import { About, PasskeyOffer } from './Begin'
import { Questions } from './Questions'

/**
 * From an address to somebody who can be met. Name and birth date first; everything after that may
 * be put off. Where one stands follows from what the server knows, so that a reload or another
 * device goes on from there.
 */
export function Onboarding() {
  const { t } = useTranslation()
  const state = useStore(me)
  const [young, setYoung] = useState(false)
  const [offering, setOffering] = useState(false)

  // What follows the first question is another page: whoever listens to it begins at its heading.
  useEffect(() => {
    if (offering || young) document.querySelector<HTMLElement>('main h1')?.focus()
  }, [offering, young])

  if (young) return <Doorway step="young" title={t('young.title')} lead={t('young.text')} />
  if (state.status !== 'in') return null
  if (!state.me.complete) {
    return (
      <About
        onBegun={(begun) => {
          setOffering(passkeysWork())
          setMe(begun)
        }}
        onYoung={() => setYoung(true)}
      />
    )
  }
  if (offering) {
    return (
      <PasskeyOffer
        me={state.me}
        onDone={(next) => {
          setOffering(false)
          setMe(next)
        }}
      />
    )
  }
  return <Questions me={state.me} />
}
