import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api, Problem, type Session } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, Trouble, toast } from '../../ui'
import { List } from './List'
import styles from './Me.module.css'
import { ago } from './when'

/** Where this person is signed in. The one in their hand is signed out by the button below. */
export function Devices() {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState<string>()
  const [problem, setProblem] = useState<Problem>()
  const list = useQuery({
    queryKey: ['me', 'sessions'],
    queryFn: () => answer(api.GET('/api/me/sessions')).then((a) => a.sessions),
  })

  async function end({ id, device }: Session) {
    if (busy) return
    setBusy(id)
    setProblem(undefined)
    try {
      await api.DELETE('/api/me/sessions/{session}', { params: { path: { session: id } } })
      toast({ text: t('me.devices.done', { device: isolate(device) }) })
    } catch (thrown) {
      const said = Problem.of(thrown)
      // Signed out already is what was wanted.
      if (said.code !== 'session.unknown' && said.code !== 'command.applied') setProblem(said)
    } finally {
      setBusy(undefined)
      await list.refetch()
    }
  }

  return (
    <div className={styles.group}>
      <h3>{t('me.devices.title')}</h3>
      <List of={list} empty={t('me.devices.none')}>
        {(one) => (
          <li key={one.id} className={styles.row}>
            <div>
              <bdi>{one.device || t('me.devices.unnamed')}</bdi>
              <small>
                {one.current
                  ? t('me.devices.here')
                  : t('me.devices.seen', { ago: ago(one.last_seen_at) })}
              </small>
            </div>
            {!one.current && (
              <Button
                look="plain"
                busy={busy === one.id}
                aria-label={t('me.devices.endLong', { device: isolate(one.device) })}
                onClick={() => void end(one)}
              >
                {t('me.devices.end')}
              </Button>
            )}
          </li>
        )}
      </List>
      <Trouble>{problem && say(problem)}</Trouble>
    </div>
  )
}
