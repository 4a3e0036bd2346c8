import { useLocation, useNavigate, useRouter } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { answer, api, type Me, Problem, setMe } from '../../api'
import { useProblemText } from '../../i18n/problem'
import { Home } from './Home'
import { Interests } from './Interests'
import { Languages } from './Languages'
import { Meet } from './Meet'
import type { Question } from './order'
import { answered, isQuestion, nextQuestion, recallPassed, rememberPassed } from './order'
import { Reveal } from './Reveal'
import { Self } from './Self'
import type { Asked, Way } from './Step'
import { Voice } from './Voice'

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** Which question of the onboarding this entry shows, and how many lie before it. */
    question?: string
    depth?: number
  }
}

/** The questions, one at a time. Each is an entry of the browser's history; the address stays. */
export function Questions({ me }: { me: Me }) {
  const say = useProblemText()
  const navigate = useNavigate()
  const router = useRouter()
  const entry = useLocation({ select: (l) => l.state })
  const depth = entry.depth ?? 0
  const [passed, setPassed] = useState(() => recallPassed(me.id))
  const [start] = useState(() => nextQuestion(me, passed))
  const [entering, setEntering] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const [heard, setHeard] = useState<Me>()
  const question = isQuestion(entry.question) ? entry.question : start

  /** In, for good; the entries of the questions are left behind. */
  async function enter(last: Me = me) {
    if (entering) return
    setEntering(true)
    setProblem(undefined)
    try {
      const settled = last.onboarded
        ? last
        : await answer(api.PATCH('/api/me', { body: { onboarded: true } }))
      if (depth > 0) router.history.go(-depth)
      setMe(settled)
    } catch (thrown) {
      setProblem(Problem.of(thrown))
      setEntering(false)
    }
  }

  /** The last one is answered: they are through, and see themselves before they go in. */
  async function close(now: Me) {
    setHeard(now)
    // If it does not arrive, going in says it again.
    await answer(api.PATCH('/api/me', { body: { onboarded: true } })).then(
      setHeard,
      () => undefined,
    )
  }

  function go(from: Question, now: Me, put: ReadonlySet<Question>) {
    const next = nextQuestion(now, put, from)
    if (!next) return void enter(now)
    void navigate({
      to: '.',
      search: true,
      hash: true,
      state: (before) => ({ ...before, question: next, depth: depth + 1 }),
    })
  }

  function pass(from: Question, now: Me) {
    const put = new Set([...passed, from])
    rememberPassed(me.id, put)
    setPassed(put)
    setProblem(undefined)
    go(from, now, put)
  }

  // Nothing is left to ask: they answered the last one elsewhere, or closed the page just after it.
  const nothingLeft = question === undefined
  const entered = useRef(false)
  useEffect(() => {
    if (!nothingLeft || entered.current) return
    entered.current = true
    void enter()
  })

  if (heard) {
    return (
      <Reveal
        me={heard}
        busy={entering}
        trouble={problem && say(problem)}
        onEnter={() => void enter(heard)}
      />
    )
  }
  if (question === undefined) return null

  const way: Way = {
    question,
    name: me.name,
    done: answered(me, passed),
    back: depth > 0 ? () => router.history.back() : undefined,
    later: () => pass(question, me),
    enter: () => void enter(),
    entering,
    trouble: problem && say(problem),
  }
  const asked: Asked = {
    me,
    way,
    onAnswer(now) {
      setMe(now)
      pass(question, now)
    },
  }

  switch (question) {
    case 'self':
      return <Self {...asked} />
    case 'meet':
      return <Meet {...asked} />
    case 'languages':
      return <Languages {...asked} />
    case 'interests':
      return <Interests {...asked} />
    case 'home':
      return <Home {...asked} />
    case 'voice':
      return <Voice {...asked} onAnswer={(now) => void close(now)} />
  }
}
