import {
  ArrowLeft,
  ArrowRight,
  ChevronRight,
  CornerDownLeft,
  LogOut,
  type LucideIcon,
  Reply,
  SkipBack,
  SkipForward,
} from 'lucide-react'

/** They point along the line that is read: from right to left the other way. */
const along = new Set<LucideIcon>([
  ArrowLeft,
  ArrowRight,
  ChevronRight,
  CornerDownLeft,
  LogOut,
  Reply,
  SkipBack,
  SkipForward,
])

/** One family, one stroke. Decorative: the name stands on the control around it. */
export function Icon({ of: Drawing, size = 24 }: { of: LucideIcon; size?: 16 | 20 | 24 | 28 }) {
  return (
    <Drawing
      size={size}
      strokeWidth={size >= 28 ? 1.6 : 1.5}
      absoluteStrokeWidth={false}
      aria-hidden
      data-along={along.has(Drawing) || undefined}
    />
  )
}
