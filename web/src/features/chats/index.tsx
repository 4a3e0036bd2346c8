export { ChatPage } from './ChatPage'
export { ChatsPage } from './ChatsPage'
