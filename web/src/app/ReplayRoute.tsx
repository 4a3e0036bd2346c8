import { getRouteApi } from '@tanstack/react-router'
import { ReplayPage } from '../features/replay'

const one = getRouteApi('/inside/replays/$replay')

export function ReplayRoute() {
  const { replay } = one.useParams()
  return <ReplayPage key={replay} replay={replay} />
}
