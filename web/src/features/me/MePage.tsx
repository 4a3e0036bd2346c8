import { useState } from 'react'
import { type Me, me } from '../../api'
import { useTranslation } from '../../i18n'
import { AuraStill, Button, Page, useDesk, useStore } from '../../ui'
import { Banned } from './Banned'
import { Blocked } from './Blocked'
import { Cards } from './Cards'
import { Chats } from './Chats'
import { ClipSheet, Voices } from './Clips'
import {
  EditHome,
  EditInterests,
  EditLanguages,
  EditMeet,
  EditName,
  EditSelf,
  EditWork,
} from './editors'
import styles from './Me.module.css'
import { MyCard, MyCardSheet } from './MyCard'
import { NextStep } from './NextStep'
import { Notifications } from './Notifications'
import { People } from './People'
import { Photos } from './Photos'
import { Presence } from './Presence'
import { About, InDiscover } from './Profile'
import { Public } from './Public'
import type { Part } from './parts'
import { Looks, SigningIn } from './Settings'
import { Sound } from './Sound'
import { Trust } from './Trust'
import { VerifySheet } from './Verify'

/** Everything this person can say about themselves, and where they are signed in. */
export function MePage() {
  const state = useStore(me)
  // The gate shows nobody this page who is not in; on the way out there is nothing left to show.
  if (state.status !== 'in') return null
  return <Myself me={state.me} />
}

function Myself({ me }: { me: Me }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const [part, setPart] = useState<Part>()

  return (
    <Page
      title={<bdi>{me.name}</bdi>}
      lead={<bdi dir="ltr">{me.email}</bdi>}
      aside={desk ? undefined : <AuraStill person={me} size={64} />}
      side={
        desk && (
          <div className={styles.side}>
            <h2>{t('me.card.title')}</h2>
            <MyCard me={me} />
          </div>
        )
      }
    >
      <Presence me={me} />
      {!desk && (
        <Button full onClick={() => setPart('card')}>
          {t('me.card.open')}
        </Button>
      )}
      <NextStep me={me} onOpen={setPart} />
      <Voices me={me} onRecord={(place) => setPart({ clip: place })} />
      <About me={me} onOpen={setPart} />
      <InDiscover me={me} onOpen={setPart} />
      <People />
      <Cards />
      <Chats me={me} />
      <Public me={me} />
      <Notifications />
      <Sound />
      <Photos me={me} />
      <Trust me={me} onOpen={setPart} />
      <Looks me={me} />
      <Blocked />
      <Banned />
      <SigningIn />
      {part && <Opened part={part} me={me} onClose={() => setPart(undefined)} />}
    </Page>
  )
}

function Opened({ part, me, onClose }: { part: Part; me: Me; onClose(): void }) {
  if (typeof part === 'object') return <ClipSheet me={me} place={part.clip} onClose={onClose} />
  switch (part) {
    case 'name':
      return <EditName me={me} onClose={onClose} />
    case 'self':
      return <EditSelf me={me} onClose={onClose} />
    case 'meet':
      return <EditMeet me={me} onClose={onClose} />
    case 'languages':
      return <EditLanguages me={me} onClose={onClose} />
    case 'interests':
      return <EditInterests me={me} onClose={onClose} />
    case 'home':
      return <EditHome me={me} onClose={onClose} />
    case 'work':
      return <EditWork me={me} onClose={onClose} />
    case 'card':
      return <MyCardSheet me={me} onClose={onClose} />
    case 'verify':
      return <VerifySheet onClose={onClose} />
  }
}
