import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, api, type Me, Problem, setMe } from '../../api'
import type { paths } from '../../api/schema'
import { translate } from '../../i18n'
import { toast } from '../../ui'

export type Change = NonNullable<
  paths['/api/me']['patch']['requestBody']
>['content']['application/json']

/** In the language there is when it is said: what was saved may have been the language. */
const saved = () => translate('me.saved')

/** Changes something of oneself: busy while it is under way, then known everywhere. */
export function useEdit() {
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()

  async function run(
    action: () => Promise<Me>,
    said: string | (() => string) = saved,
  ): Promise<boolean> {
    if (busy) return false
    setBusy(true)
    setProblem(undefined)
    try {
      setMe(await action())
      void queries.invalidateQueries({ queryKey: ['me', 'card'] })
      if (said) toast({ text: said })
      return true
    } catch (thrown) {
      setProblem(Problem.of(thrown))
      return false
    } finally {
      setBusy(false)
    }
  }

  return {
    busy,
    problem,
    setProblem,
    run,
    save: (body: Change) => run(() => answer(api.PATCH('/api/me', { body }))),
  }
}
