import i18next from 'i18next'
import { leaveAll, live } from '../voice/live'

/** Not even the words could be fetched. In English, since it is all there is. */
export function wordless(root: HTMLElement): void {
  const main = document.createElement('main')
  main.setAttribute('role', 'alert')
  main.dataset.fallen = ''
  const said = document.createElement('p')
  said.textContent = 'Heyy didn’t load. Check your connection and reload the page.'
  main.append(said, reloads('Reload'))
  root.append(main)
}

function reloads(label: string): HTMLButtonElement {
  const again = document.createElement('button')
  again.type = 'button'
  again.textContent = label
  again.onclick = () => location.reload()
  return again
}

/**
 * React has taken everything off the screen, controls too. Nobody may be heard who cannot mute
 * themselves: out of every line, and said in plain elements that nothing can break.
 */
export function fallen(): void {
  const held = live.get().some(({ mic }) => mic !== 'off')
  leaveAll()
  const main = document.createElement('main')
  main.setAttribute('role', 'alert')
  main.dataset.fallen = ''
  const said = document.createElement('p')
  said.textContent = i18next.t(held ? 'app.fallen.left' : 'app.fallen.text')
  main.append(said, reloads(i18next.t('app.stale.action')))
  document.body.append(main)
}
