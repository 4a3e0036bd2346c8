import { Link } from '@tanstack/react-router'
import { answer, api, type EventPage } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useCommand, usePages } from '../../people'
import { AuraStill, Button, buttonClass, More, Sheet, Skeleton, Trouble } from '../../ui'
import { useKeepEvent } from './events'
import styles from './Schedule.module.css'

/** Asks people whom one follows to lead or to speak. */
export function InviteSheet({
  open,
  onOpenChange,
  event,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  event: EventPage
}) {
  const { t } = useTranslation()
  const keep = useKeepEvent()
  const { busy, trouble, run } = useCommand()
  const list = usePages(
    ['event', 'candidates'],
    (query) => answer(api.GET('/api/me/following', { params: { query } })),
    { enabled: open },
  )
  const asked = new Set(event.people.map(({ person }) => person.id))
  const people = list.data?.pages.flatMap((page) => page.people)
  const invite = (person: string, part: 'co_host' | 'speaker') =>
    run(`${part} ${person}`, () =>
      api.PUT('/api/events/{event}/people/{person}', {
        params: { path: { event: event.id, person } },
        body: { part },
      }),
    ).then(() => keep())

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('event.people.inviteTitle')}
      lead={t('event.people.inviteLead')}
    >
      {!people && <Skeleton height="4rem" />}
      {people?.length === 0 && (
        <>
          <p className={styles.hint}>{t('event.people.nobody')}</p>
          <Link to="/search" className={buttonClass({ full: true })}>
            {t('event.people.find')}
          </Link>
        </>
      )}
      <ul className={styles.rows}>
        {people?.map((person) => {
          const name = isolate(person.name)
          return (
            <li key={person.id} className={styles.candidate}>
              <AuraStill person={person} size={40} />
              <span className={styles.words}>
                <bdi className="cut">{person.name}</bdi>
              </span>
              {asked.has(person.id) ? (
                <span className={styles.hint}>{t('event.people.invited')}</span>
              ) : (
                <span className={styles.answers}>
                  <Button
                    busy={busy === `co_host ${person.id}`}
                    aria-label={t('event.people.asCoHostLong', { name })}
                    onClick={() => void invite(person.id, 'co_host')}
                  >
                    {t('event.people.asCoHost')}
                  </Button>
                  <Button
                    busy={busy === `speaker ${person.id}`}
                    aria-label={t('event.people.asSpeakerLong', { name })}
                    onClick={() => void invite(person.id, 'speaker')}
                  >
                    {t('event.people.asSpeaker')}
                  </Button>
                </span>
              )}
            </li>
          )
        })}
      </ul>
      <More of={list} />
      <Trouble>{trouble}</Trouble>
    </Sheet>
  )
}
