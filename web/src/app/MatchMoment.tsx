import * as Dialog from '@radix-ui/react-dialog'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { me, type Person } from '../api'
import { isolate, useTranslation } from '../i18n'
import { moodOf, SafetyMenu } from '../people'
import { matches } from '../realtime/matches'
import { Aura, Button, backTo, useDesk, useStore } from '../ui'
import { play } from '../voice/earcons'
import styles from './MatchMoment.module.css'

/** Two people like each other: their auras come together. */
export function MatchMoment({ person }: { person: Person }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const desk = useDesk()
  const state = useStore(me)
  const dialog = useRef<HTMLDivElement>(null)
  const opener = useRef<Element | null>(null)
  const size = desk ? 340 : 260

  useEffect(() => play('match'), [])

  const close = () => matches.celebrated()
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Content
          className={styles.moment}
          ref={dialog}
          tabIndex={-1}
          onOpenAutoFocus={(event) => {
            opener.current = document.activeElement
            // A key pressed for something else must not answer it.
            event.preventDefault()
            dialog.current?.focus()
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            backTo(opener.current)
          }}
          {...moodOf(person)}
        >
          <div className={styles.top}>
            <SafetyMenu person={person} place="match" />
          </div>
          <div className={styles.two} aria-hidden>
            <span className={styles.mine}>
              {state.status === 'in' && <Aura person={state.me} size={size} />}
            </span>
            <span className={styles.theirs}>
              <Aura person={person} size={size} />
            </span>
          </div>
          <div className={styles.words}>
            <Dialog.Title className={styles.title}>
              {t('match.title', { name: isolate(person.name) })}
            </Dialog.Title>
            <Dialog.Description className={styles.lead}>{t('match.lead')}</Dialog.Description>
            <Button
              look="primary"
              large
              full
              meant={person.id}
              onClick={() => {
                close()
                void navigate({ to: '/chats/$person', params: { person: person.id } })
              }}
            >
              {t('match.hi')}
            </Button>
            <Button large full meant={person.id} onClick={close}>
              {t('match.later')}
            </Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
