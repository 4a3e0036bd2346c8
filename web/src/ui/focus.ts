/** Where the focus goes when a dialog closes: to what opened it, or to the page if that is gone. */
export function backTo(opener: Element | null): void {
  const there = opener instanceof HTMLElement && opener.isConnected
  const way = there ? opener : document.querySelector<HTMLElement>('main[tabindex]')
  way?.focus({ preventScroll: !there })
}
