import { DiscoverPage } from '../features/discover'
import { Rail } from '../features/moments'

export function DiscoverRoute() {
  return <DiscoverPage rail={<Rail source="new" />} />
}
