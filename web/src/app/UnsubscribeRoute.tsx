import { getRouteApi } from '@tanstack/react-router'
import { UnsubscribePage } from '../features/notifications'

const route = getRouteApi('/unsubscribe/$token')

export function UnsubscribeRoute() {
  const { token } = route.useParams()
  return <UnsubscribePage key={token} token={token} />
}
