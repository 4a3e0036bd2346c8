/** No line to a server: nothing is told. */
export const listen = () => () => {}
export const listenOwn = () => () => {}
