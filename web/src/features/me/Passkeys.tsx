import { useQuery } from '@tanstack/react-query'
import { KeyRound, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { addPasskey, answer, api, deviceName, type Passkey, Problem, passkeysWork } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, IconButton, Sheet, Trouble, toast } from '../../ui'
import { List } from './List'
import styles from './Me.module.css'
import { day } from './when'

export function Passkeys() {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const [asked, setAsked] = useState<Passkey>()
  const list = useQuery({
    queryKey: ['me', 'passkeys'],
    queryFn: () => answer(api.GET('/api/me/passkeys')).then((a) => a.passkeys),
  })

  async function attempt(run: () => Promise<unknown>, done: string) {
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await run()
      toast({ text: done })
    } catch (thrown) {
      const said = Problem.of(thrown)
      // Gone already, or done by the try whose answer was lost: the list will show it.
      if (said.code !== 'passkey.cancelled' && said.code !== 'command.applied') setProblem(said)
    } finally {
      setBusy(false)
      await list.refetch()
    }
  }

  const add = () =>
    attempt(() => addPasskey(deviceName() ?? t('me.passkeys.thisDevice')), t('me.passkeys.added'))

  const remove = (passkey: Passkey) => {
    setAsked(undefined)
    return attempt(
      () => api.DELETE('/api/me/passkeys/{passkey}', { params: { path: { passkey: passkey.id } } }),
      t('me.passkeys.removed'),
    )
  }

  return (
    <div className={styles.group}>
      <h3>{t('me.passkeys.title')}</h3>
      <p className={styles.note}>{t('me.passkeys.text')}</p>
      <List of={list} empty={t('me.passkeys.none')}>
        {(passkey) => (
          <li key={passkey.id} className={styles.row}>
            <div>
              <bdi>{passkey.name}</bdi>
              <small>
                {passkey.last_used_at
                  ? t('me.passkeys.used', { date: day(passkey.last_used_at) })
                  : t('me.passkeys.made', { date: day(passkey.created_at) })}
              </small>
            </div>
            <IconButton
              icon={Trash2}
              label={t('me.passkeys.remove', { name: isolate(passkey.name) })}
              onClick={() => setAsked(passkey)}
            />
          </li>
        )}
      </List>
      {passkeysWork() && (
        <div>
          <Button icon={KeyRound} busy={busy} onClick={() => void add()}>
            {t('me.passkeys.add')}
          </Button>
        </div>
      )}
      <Trouble>{problem && say(problem)}</Trouble>
      <Sheet
        alert
        open={asked !== undefined}
        onOpenChange={(open) => !open && setAsked(undefined)}
        title={t('me.passkeys.ask', { name: isolate(asked?.name ?? '') })}
        lead={t('me.passkeys.askText')}
        actions={
          asked && (
            <>
              <Button look="danger" large full onClick={() => void remove(asked)}>
                {t('me.passkeys.go')}
              </Button>
              <Button large full onClick={() => setAsked(undefined)}>
                {t('me.passkeys.keep')}
              </Button>
            </>
          )
        }
      />
    </div>
  )
}
