import { useQuery } from '@tanstack/react-query'
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { answer, api, type Mail, Problem } from '../../api'
import { locale, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { announce, Button, EmptyState, LiveRegion, Page, Skeleton } from '../../ui'
import styles from './Inbox.module.css'

/** A letter should be seen about as soon as it is written. */
const LOOK_EVERY_MS = 2000

/** The sign-in code a letter is about; it stands in the subject. The link of another may have digits. */
export function codeIn(mail: Pick<Mail, 'subject'>): string | undefined {
  return /(?<!\d)\d{6}(?!\d)/.exec(mail.subject)?.[0]
}

/** Where letters go on a machine that sends none. */
export function InboxPage() {
  const { t } = useTranslation()
  const say = useProblemText()
  const inbox = useQuery({
    queryKey: ['inbox'],
    queryFn: () => answer(api.GET('/api/dev/inbox')),
    refetchInterval: LOOK_EVERY_MS,
    retry: false,
  })
  const problem = inbox.error && Problem.of(inbox.error)

  return (
    <main className={styles.place}>
      <Page title={t('inbox.title')} lead={t('inbox.lead')}>
        <LiveRegion />
        {problem?.status === 404 ? (
          <EmptyState title={t('inbox.none.title')}>{t('inbox.none.text')}</EmptyState>
        ) : problem && !inbox.data ? (
          <EmptyState
            title={say(problem)}
            action={<Button onClick={() => void inbox.refetch()}>{t('common.retry')}</Button>}
          />
        ) : !inbox.data ? (
          <div aria-busy="true">
            <p className="only-heard">{t('inbox.loading')}</p>
            <Skeleton height="9rem" />
          </div>
        ) : inbox.data.mails.length === 0 ? (
          <EmptyState title={t('inbox.empty.title')}>{t('inbox.empty.text')}</EmptyState>
        ) : (
          <ol className={styles.mails}>
            {inbox.data.mails.map((mail) => (
              <li key={`${mail.at} ${mail.to} ${mail.subject}`}>
                <Letter mail={mail} />
              </li>
            ))}
          </ol>
        )}
      </Page>
    </main>
  )
}

function Letter({ mail }: { mail: Mail }) {
  const code = codeIn(mail)
  const time = new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(mail.at)
  return (
    <article className={styles.mail}>
      <header className={styles.head}>
        <bdi className="cut">{mail.to}</bdi>
        <time dateTime={new Date(mail.at).toISOString()} className="numbers">
          {time}
        </time>
      </header>
      {code && (
        <div className={styles.code}>
          <strong className="numbers" data-testid="code">
            {code}
          </strong>
          <CopyCode code={code} />
        </div>
      )}
      <details>
        <summary>{mail.subject}</summary>
        <pre>{mail.text}</pre>
      </details>
    </article>
  )
}

function CopyCode({ code }: { code: string }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2500)
    return () => clearTimeout(timer)
  }, [copied])

  return (
    <Button
      icon={copied ? Check : Copy}
      onClick={async () => {
        try {
          await navigator.clipboard.writeText(code)
          setCopied(true)
          announce(t('inbox.copied'))
        } catch {
          // Without the permission the code can still be selected: it stands there, large.
        }
      }}
    >
      {copied ? t('inbox.copied') : t('inbox.copy')}
    </Button>
  )
}
