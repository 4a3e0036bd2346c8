import { useQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { answer, api, Problem, passkeysWork, signedIn, signInWithPasskey } from '../../api'
import { language, useTranslation } from '../../i18n'
import { LanguageChoice } from '../../i18n/LanguageChoice'
import { useProblemText } from '../../i18n/problem'
import { announce, Button, Doorway, LiveRegion, numerals, TextField, Trouble } from '../../ui'
import { remember, remembered } from './asked'
import { useCountdown } from './countdown'
import styles from './SignIn.module.css'

/** The server sends no second code to one address sooner than 20 s. */
const RESEND_AFTER_S = 30
const DIGITS = 6

/** Only what a code is made of, however it was typed or pasted: "123 456", "123-456", "١٢٣٤٥٦". */
export function digits(typed: string): string {
  return numerals(typed).replace(/\D/g, '').slice(0, DIGITS)
}

type Busy = 'code' | 'passkey' | undefined

export function SignIn() {
  const { t } = useTranslation()
  const say = useProblemText()
  const [asked] = useState(() => remembered())
  const [email, setEmail] = useState(asked?.email ?? '')
  const [sentTo, setSentTo] = useState(asked?.email)
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState<Busy>()
  const [problem, setProblem] = useState<Problem>()
  const resend = useCountdown()
  const { start } = resend

  useEffect(() => {
    if (asked) start(RESEND_AFTER_S - (Date.now() - asked.at) / 1000)
  }, [asked, start])

  async function attempt(what: Busy, run: () => Promise<void>) {
    if (busy) return
    setBusy(what)
    setProblem(undefined)
    try {
      await run()
    } catch (thrown) {
      const said = Problem.of(thrown)
      if (said.code !== 'passkey.cancelled') setProblem(said)
    } finally {
      setBusy(undefined)
    }
  }

  const send = (to: string) =>
    attempt('code', async () => {
      await api.POST('/api/sign-in/code', { body: { email: to, language: language() } })
      remember({ email: to, at: Date.now() })
      setSentTo(to)
      setCode('')
      resend.start(RESEND_AFTER_S)
      announce(t('signin.code.sent'))
    })

  const enter = (typed: string) =>
    attempt('code', async () => {
      if (!sentTo) return
      try {
        const body = { email: sentTo, code: typed }
        const { me } = await answer(api.POST('/api/sign-in', { body }))
        remember(undefined)
        signedIn(me)
      } catch (thrown) {
        setCode('')
        throw thrown
      }
    })

  if (problem?.code === 'account.too_young') {
    return (
      <Doorway
        title={t('young.title')}
        lead={t('young.text')}
        step="young"
        aside={<LanguageChoice />}
      />
    )
  }

  const trouble = problem && say(problem)
  const ofField = problem?.field !== undefined || problem?.code === 'sign_in.code_wrong'

  return (
    <Doorway
      step={sentTo ? 'code' : 'email'}
      title={sentTo ? t('signin.code.title') : t('signin.title')}
      lead={sentTo ? <Sent to={sentTo} /> : t('signin.lead')}
      aside={<LanguageChoice />}
    >
      <LiveRegion />
      {sentTo ? (
        <form
          className={styles.form}
          noValidate
          onSubmit={(event: FormEvent) => {
            event.preventDefault()
            if (code.length === DIGITS) void enter(code)
          }}
        >
          <TextField
            key="code"
            label={t('signin.code.label')}
            error={ofField ? trouble : undefined}
            code
            // The step exists for this one field.
            autoFocus
            inputMode="numeric"
            autoComplete="one-time-code"
            dir="ltr"
            value={code}
            onChange={(event) => {
              const typed = digits(event.target.value)
              setCode(typed)
              setProblem(undefined)
              if (typed.length === DIGITS && typed !== code) void enter(typed)
            }}
          />
          {!ofField && <Trouble>{trouble}</Trouble>}
          <Button
            type="submit"
            look="primary"
            large
            full
            busy={busy === 'code'}
            aria-disabled={code.length < DIGITS}
          >
            {t('signin.code.action')}
          </Button>
          <DevInbox />
          <div className={styles.others}>
            <Button
              look="plain"
              disabled={resend.left > 0}
              className="numbers"
              onClick={() => void send(sentTo)}
            >
              {resend.left > 0
                ? t('signin.code.wait', { seconds: resend.left })
                : t('signin.code.again')}
            </Button>
            <Button
              look="plain"
              onClick={() => {
                remember(undefined)
                setSentTo(undefined)
                setProblem(undefined)
              }}
            >
              {t('signin.code.other')}
            </Button>
          </div>
        </form>
      ) : (
        <form
          className={styles.form}
          noValidate
          onSubmit={(event: FormEvent) => {
            event.preventDefault()
            void send(email.trim())
          }}
        >
          <TextField
            key="email"
            label={t('signin.email.label')}
            error={ofField ? trouble : undefined}
            type="email"
            name="email"
            inputMode="email"
            autoComplete="email webauthn"
            autoCapitalize="none"
            spellCheck={false}
            dir="ltr"
            value={email}
            onChange={(event) => {
              setEmail(event.target.value)
              setProblem(undefined)
            }}
          />
          {!ofField && <Trouble>{trouble}</Trouble>}
          <Button type="submit" look="primary" large full busy={busy === 'code'}>
            {t('signin.email.action')}
          </Button>
          {passkeysWork() && (
            <Button
              look="plain"
              large
              full
              icon={KeyRound}
              busy={busy === 'passkey'}
              onClick={() =>
                void attempt('passkey', async () => signedIn(await signInWithPasskey()))
              }
            >
              {t('signin.passkey')}
            </Button>
          )}
        </form>
      )}
    </Doorway>
  )
}

function Sent({ to }: { to: string }) {
  const { t } = useTranslation()
  const [before = '', after = ''] = t('signin.code.lead', { email: '\u0000' }).split('\u0000')
  return (
    <>
      <span>{before}</span>
      <bdi className={styles.address}>{to}</bdi>
      <span>{after}</span>
    </>
  )
}

const loopback = ['localhost', '127.0.0.1', '[::1]']

/** On the developer's own machine there is no mail; the code waits in an inbox of its own. */
function DevInbox() {
  const { t } = useTranslation()
  const inbox = useQuery({
    queryKey: ['inbox', 'there'],
    queryFn: () => answer(api.GET('/api/dev/inbox')).then(() => true),
    enabled: loopback.includes(location.hostname),
    retry: false,
  })
  if (!inbox.data) return null
  return (
    <p className={styles.dev}>
      <span>{`${t('signin.dev.text')} `}</span>
      <a href="/dev/inbox" target="_blank" rel="noreferrer">
        {t('signin.dev.link')}
      </a>
    </p>
  )
}
