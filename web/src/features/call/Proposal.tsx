import * as Dialog from '@radix-ui/react-dialog'
import { useRef } from 'react'
import type { Call, Me } from '../../api'
import { isolate, range, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { moodOf, useWords } from '../../people'
import { Button, toast, useDesk } from '../../ui'
import { calls } from '../../voice/calls'
import { player } from '../../voice/player'
import { Approach } from './Approach'
import styles from './Proposal.module.css'
import { useStage } from './useStage'

/** Somebody is there, or a friend calls: two auras approach until it is too late. Over every page. */
export function Proposal({ me, call, onYes }: { me: Me; call: Call; onYes(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const words = useWords()
  const desk = useDesk()
  const stage = useStage()
  const content = useRef<HTMLDivElement>(null)
  const direct = call.kind === 'direct'
  const { person } = call
  const name = isolate(person.name)
  const size = desk ? 300 : 236

  async function yes() {
    player.stop()
    onYes()
    const problem = await calls.accept()
    if (problem) toast({ text: say(problem) })
  }

  return (
    <Dialog.Root open>
      <Dialog.Portal>
        <Dialog.Content
          ref={content}
          className={styles.proposal}
          // Whoever is writing must not say yes with the next letter, nor no with Escape.
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            content.current?.focus()
          }}
          onEscapeKeyDown={(event) => event.preventDefault()}
          onInteractOutside={(event) => event.preventDefault()}
          {...moodOf(person)}
        >
          <Approach me={me} call={call} size={size} />
          <div className={styles.proposed}>
            <Dialog.Title className={styles.title} data-long={person.name.length > 24 || undefined}>
              {t(
                call.offered
                  ? 'call.ring.private'
                  : direct
                    ? 'call.ring.in'
                    : 'call.proposal.title',
                {
                  name,
                },
              )}
            </Dialog.Title>
            <Dialog.Description className={styles.facts}>
              {!direct && (
                <span>{t('call.proposal.age', { ages: range(call.age_from, call.age_to) })}</span>
              )}
              {stage && (
                <span className={styles.gives}>
                  {t(`call.${direct ? 'ring' : 'proposal'}.${stage.seated ? 'stage' : 'room'}`, {
                    title: isolate(stage.title),
                  })}
                </span>
              )}
            </Dialog.Description>
            {call.shared.length > 0 && !direct && (
              <ul className={styles.shared} aria-label={t('call.proposal.shared')}>
                {call.shared.slice(0, 3).map((key) => (
                  <li key={key}>{words.interest(key)}</li>
                ))}
              </ul>
            )}
            {person.resident && <p className={styles.quiet}>{t('call.proposal.resident')}</p>}
          </div>
          <div className={styles.answer}>
            <Button look="primary" large full meant={call.id} onClick={() => void yes()}>
              {direct ? t('call.ring.answer') : t('call.proposal.yes')}
            </Button>
            <Button
              large
              full
              meant={call.id}
              onClick={() => {
                player.stop()
                void calls.decline()
              }}
            >
              {direct ? t('call.ring.decline') : t('call.proposal.no')}
            </Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
