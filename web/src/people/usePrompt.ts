import { useQuery } from '@tanstack/react-query'
import { useTranslation } from '../i18n'
import { loadPrompts } from '../i18n/prompts'

/** The words of the card a recording answers; undefined while they load, and for a card that is no more. */
export function usePrompt(key: string | undefined): string | undefined {
  const { i18n } = useTranslation()
  const { data } = useQuery({
    queryKey: ['prompts', i18n.language],
    queryFn: () => loadPrompts(i18n.language),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return key === undefined ? undefined : data?.[key]
}
