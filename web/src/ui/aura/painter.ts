import { theme } from '../theme'
import { follow, stillness } from './envelope'
import { paintFlat } from './flat'
import { Brush, type Frame } from './gl'
import type { Shape } from './shape'

/** One aura on the screen. */
export type Sitter = {
  canvas: HTMLCanvasElement
  shape: Shape
  /** Device pixels. */
  size: number
  /** 0..1, now. None: it never moves. */
  level?: (() => number) | undefined
}

type Seated = Sitter & {
  shown: number
  /** The level of the last frame that was painted. */
  painted: number
  drift: number
  dirty: boolean
  /** Within the window, or about to be. */
  near: boolean
}

/** While nobody speaks, this often somebody listens whether they begin. */
const earMs = 50
/** How fast speaking turns the ripples, radians a second at full level. */
const turning = 1.1
const widest = 2048
/**
 * Device pixels in one frame while somebody speaks: two large auras. When a whole
 * crowd speaks at once it is painted a little coarser, which nobody sees in motion
 * and a small phone would otherwise pay with frames.
 */
const most = 420_000
/** With reduced motion a ring's thickness shows the level: what changes it by less is not seen. */
const calmStep = 1 / 32
/** How often a lost context is made anew before auras are painted flat. */
const lives = 3

/**
 * Paints all auras through one WebGL2 context, and copies each into the canvas
 * where it stands in the page: so they scroll, clip and stack as elements do.
 * Frames are drawn only while something in the window moves; in silence a slow
 * ear is all that runs, and nothing at all when no aura there has a level.
 */
class Painter {
  #sitters = new Set<Seated>()
  #brush: Brush | undefined | null = null
  #lives = lives
  #ear: ReturnType<typeof setInterval> | undefined
  #frame = 0
  #last = 0
  #calm = matchMedia('(prefers-reduced-motion: reduce)')
  #window: IntersectionObserver | undefined

  constructor() {
    this.#calm.addEventListener('change', this.#repaint)
    theme.subscribe(this.#repaint)
    if ('IntersectionObserver' in globalThis) {
      this.#window = new IntersectionObserver(this.#passing, { rootMargin: '25%' })
    }
    document.addEventListener('visibilitychange', () => {
      this.#listen()
      if (!document.hidden) this.#repaint()
    })
  }

  add(sitter: Sitter): () => void {
    const seated: Seated = { ...sitter, shown: 0, painted: 0, drift: 0, dirty: true, near: true }
    this.#sitters.add(seated)
    this.#window?.observe(sitter.canvas)
    this.#listen()
    this.#wake()
    return () => {
      this.#sitters.delete(seated)
      this.#window?.unobserve(sitter.canvas)
      this.#listen()
    }
  }

  #passing = (entries: readonly IntersectionObserverEntry[]): void => {
    const near = new Map(entries.map((entry) => [entry.target, entry.isIntersecting]))
    for (const s of this.#sitters) s.near = near.get(s.canvas) ?? s.near
    this.#listen()
    this.#wake()
  }

  #repaint = (): void => {
    for (const s of this.#sitters) s.dirty = true
    this.#wake()
  }

  #listen(): void {
    const wanted = !document.hidden && [...this.#sitters].some((s) => s.near && s.level)
    if (wanted && this.#ear === undefined) this.#ear = setInterval(this.#hear, earMs)
    if (!wanted && this.#ear !== undefined) {
      clearInterval(this.#ear)
      this.#ear = undefined
    }
  }

  #hear = (): void => {
    if (this.#frame) return
    for (const s of this.#sitters) {
      if (s.near && (s.level?.() ?? 0) > stillness) this.#wake()
    }
  }

  #wake(): void {
    if (this.#frame) return
    this.#last = performance.now()
    this.#frame = requestAnimationFrame(this.#draw)
  }

  #draw = (now: number): void => {
    const dt = Math.min(0.1, Math.max(0, (now - this.#last) / 1000))
    this.#last = now
    const step = this.#calm.matches ? calmStep : 0
    let moving = false
    const due: Seated[] = []
    for (const s of this.#sitters) {
      if (!s.near) continue
      const heard = Math.min(1, Math.max(0, s.level?.() ?? 0))
      const shown = follow(s.shown, heard, dt)
      if (shown !== s.shown || shown > 0) {
        s.drift += shown * dt * turning
        s.shown = shown
        s.dirty ||= shown === 0 || Math.abs(shown - s.painted) >= step
        moving = true
      }
      if (s.dirty) due.push(s)
    }
    this.#paint(due)
    this.#frame = moving ? requestAnimationFrame(this.#draw) : 0
  }

  #paint(due: readonly Seated[]): void {
    if (due.length === 0) return
    if (this.#brush === null) this.#brush = Brush.make()
    // Phones take the context away in the background.
    if (this.#brush?.lost) this.#brush = this.#lives-- > 0 ? Brush.make() : undefined
    const brush = this.#brush
    const frameOf = (s: Seated): Frame => ({
      shape: s.shape,
      level: s.shown,
      drift: s.drift,
      theme: theme.get(),
      still: this.#calm.matches,
    })

    if (!brush) {
      for (const s of due) {
        const ctx = s.canvas.getContext('2d')
        if (ctx) paintFlat(ctx, s.size, frameOf(s))
        settle(s)
      }
      return
    }

    const asked = due.reduce((sum, s) => sum + s.size ** 2, 0)
    const share = Math.min(1, Math.sqrt(most / asked))

    // Shelves: cells side by side until the row is full, then the next row.
    let x = 0
    let y = 0
    let row = 0
    let width = 0
    const cells = due.map((s) => {
      // Who rests is looked at closely, and painted once.
      const size = s.shown > 0 ? Math.round(share * s.size) : s.size
      if (x > 0 && x + size > widest) {
        x = 0
        y += row
        row = 0
      }
      const cell = { x, y, size }
      x += size
      row = Math.max(row, size)
      width = Math.max(width, x)
      return cell
    })
    brush.clear(width, y + row)
    due.forEach((s, i) => {
      const cell = cells[i]
      if (cell) brush.paint(frameOf(s), cell)
    })
    due.forEach((s, i) => {
      const cell = cells[i]
      const ctx = s.canvas.getContext('2d')
      if (!cell || !ctx) return
      ctx.clearRect(0, 0, s.size, s.size)
      ctx.drawImage(brush.canvas, cell.x, cell.y, cell.size, cell.size, 0, 0, s.size, s.size)
      settle(s)
    })
  }
}

function settle(s: Seated): void {
  s.dirty = false
  s.painted = s.shown
}

let painter: Painter | undefined

/** Made when the first aura appears: tests and servers have no screen. */
export function sit(sitter: Sitter): () => void {
  painter ??= new Painter()
  return painter.add(sitter)
}
