import { useTranslation } from 'react-i18next'
import { Button } from './Button'

/** The way to the next page of a list, as long as there is one. */
export function More({
  of: list,
}: {
  of: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage(): Promise<unknown> }
}) {
  const { t } = useTranslation()
  if (!list.hasNextPage) return null
  return (
    <Button look="plain" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
      {t('common.more')}
    </Button>
  )
}
