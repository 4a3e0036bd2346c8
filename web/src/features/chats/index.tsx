export { ChatPage } from './ChatPage'
export { ChatsPage } from './ChatsPage'
export { ProfilePage } from './ProfilePage'
export { SearchPage } from './SearchPage'
