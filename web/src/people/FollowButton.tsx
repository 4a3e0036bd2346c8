import { UserCheck, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { me, type Problem } from '../api'
import { isolate, useTranslation } from '../i18n'
import { useProblemText } from '../i18n/problem'
import { bonds } from '../realtime/bonds'
import { Button, Skeleton, Trouble, toast, useStore } from '../ui'
import styles from './FollowButton.module.css'
import { useBonds } from './useBonds'

/**
 * Follows somebody, or does not any more. It shows at once, and is taken back if the server refuses.
 * What it means is said below it, for notes are out of reach behind a sheet; in a list there is no
 * room for that, and a note offers the way back.
 */
export function FollowButton({
  person,
  inList = false,
}: {
  person: { id: string; name: string }
  inList?: boolean
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const state = useBonds()
  const who = useStore(me)
  const [said, setSaid] = useState<'done' | 'undone' | Problem>()
  const { id } = person
  const name = isolate(person.name)

  async function follow(on: boolean) {
    setSaid(undefined)
    const problem = await bonds.follow(id, on)
    if (!inList) setSaid(problem ?? (on ? 'done' : 'undone'))
    else if (problem) toast({ text: say(problem) })
    else if (on) toast({ text: () => t('people.follow.done', { name }) })
    else {
      toast({
        text: () => t('people.follow.undone', { name }),
        action: { label: t('people.follow.undo'), run: () => void follow(true) },
      })
    }
  }

  if (who.status === 'in' && who.me.id === id) return null
  if (state.status === 'loading') return <Skeleton width="7.5rem" height="2.75rem" />
  const on = state.following.has(id)
  const button = (
    <Button
      look="quiet"
      icon={on ? UserCheck : UserPlus}
      busy={state.going.has(id)}
      aria-label={t(on ? 'people.follow.onLong' : 'people.follow.doLong', { name })}
      onClick={() => void follow(!on)}
    >
      {t(on ? 'people.follow.on' : 'people.follow.do')}
    </Button>
  )
  if (inList) return button
  return (
    <div className={styles.follow}>
      <p className={styles.line}>
        {button}
        {state.friends.has(id) && (
          <span className={styles.friend}>{t('people.follow.friend')}</span>
        )}
      </p>
      {said && typeof said === 'object' ? (
        <Trouble>{say(said)}</Trouble>
      ) : (
        <p className={styles.said} role="status">
          {said && t(`people.follow.${said}`, { name })}
        </p>
      )}
    </div>
  )
}
