import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { answer, api, type Me } from '../../api'
import { useTranslation } from '../../i18n'
import { listenOwn } from '../../realtime/connection'
import styles from './Me.module.css'
import type { Part } from './parts'
import { Row } from './Rows'

const badges = ['verified', 'new_here', 'storyteller', 'polyglot'] as const

/** Being verified, and the badges one has with what they mean. */
export function Trust({ me, onOpen }: { me: Me; onOpen(part: Part): void }) {
  const { t } = useTranslation()
  const verification = useVerification()
  const mine = badges.filter((badge) => me.badges.includes(badge))
  const state = me.verified ? 'approved' : (verification.data?.state ?? 'none')
  return (
    <section className={styles.section} aria-labelledby="trust">
      <h2 id="trust">{t('me.trust.title')}</h2>
      <ul className={styles.group}>
        <Row
          label={t('me.verify.title')}
          value={t(`me.verify.state.${state}`)}
          onPress={() => onOpen('verify')}
        />
        {mine.map((badge) => (
          <li key={badge} className={styles.badge}>
            <span>{t(`me.badge.${badge}.name`)}</span>
            <small>{t(`me.badge.${badge}.text`)}</small>
          </li>
        ))}
      </ul>
    </section>
  )
}

export const verificationKey = ['me', 'verification'] as const

export function useVerification() {
  const queries = useQueryClient()
  useEffect(() => {
    const again = () => void queries.invalidateQueries({ queryKey: verificationKey })
    return listenOwn({
      event(said) {
        if (said.type === 'me_changed') again()
      },
      missed: again,
    })
  }, [queries])
  return useQuery({
    queryKey: verificationKey,
    queryFn: () => answer(api.GET('/api/me/verification')),
  })
}
