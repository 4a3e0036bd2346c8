import en from './en.json'

export type Interest = keyof typeof en.interest
export type InterestGroup = keyof typeof en.interestGroup

/**
 * What people can have in common, in the order in which to show it. The server keeps the same tree
 * (internal/profile/lists.go); interests.test.ts holds the two together.
 */
export const interestTree: readonly { group: InterestGroup; interests: readonly Interest[] }[] = [
  {
    group: 'music',
    interests: [
      'karaoke',
      'singing',
      'pop',
      'rock',
      'hip_hop',
      'jazz',
      'classical_music',
      'electronic_music',
      'folk',
      'metal',
      'rnb',
      'kpop',
      'opera',
      'playing_music',
      'concerts',
      'vinyl',
    ],
  },
  {
    group: 'sport',
    interests: [
      'football',
      'basketball',
      'volleyball',
      'tennis',
      'padel',
      'table_tennis',
      'badminton',
      'running',
      'cycling',
      'swimming',
      'climbing',
      'gym',
      'yoga',
      'martial_arts',
      'skiing',
      'surfing',
      'sailing',
      'motorsport',
      'dance',
    ],
  },
  {
    group: 'outdoors',
    interests: [
      'hiking',
      'camping',
      'fishing',
      'birdwatching',
      'stargazing',
      'gardening',
      'beaches',
      'mountains',
      'road_trips',
    ],
  },
  {
    group: 'games',
    interests: [
      'video_games',
      'board_games',
      'card_games',
      'chess',
      'mahjong',
      'role_playing',
      'quizzes',
      'escape_rooms',
      'puzzles',
    ],
  },
  {
    group: 'food',
    interests: [
      'cooking',
      'baking',
      'coffee',
      'tea',
      'wine',
      'craft_beer',
      'cocktails',
      'street_food',
      'vegetarian',
      'spicy_food',
      'restaurants',
    ],
  },
  {
    group: 'stories',
    interests: [
      'books',
      'poetry',
      'fantasy',
      'crime_stories',
      'film',
      'series',
      'documentaries',
      'anime',
      'comics',
      'theatre',
      'comedy',
      'podcasts',
      'radio',
      'writing',
    ],
  },
  {
    group: 'making',
    interests: [
      'art',
      'drawing',
      'photography',
      'design',
      'architecture',
      'fashion',
      'crafts',
      'knitting',
      'pottery',
      'woodwork',
      'diy',
      'film_making',
    ],
  },
  {
    group: 'mind',
    interests: [
      'science',
      'history',
      'philosophy',
      'psychology',
      'politics',
      'economics',
      'space',
      'mathematics',
      'mythology',
      'astrology',
      'spirituality',
      'meditation',
      'mental_health',
    ],
  },
  {
    group: 'technology',
    interests: [
      'technology',
      'programming',
      'artificial_intelligence',
      'robotics',
      'gadgets',
      'startups',
      'marketing',
      'finance',
      'careers',
      'remote_work',
    ],
  },
  {
    group: 'world',
    interests: [
      'travel',
      'languages',
      'city_walks',
      'museums',
      'festivals',
      'living_abroad',
      'night_trains',
      'local_culture',
    ],
  },
  {
    group: 'life',
    interests: [
      'animals',
      'dogs',
      'cats',
      'family',
      'parenting',
      'volunteering',
      'environment',
      'minimalism',
      'self_improvement',
      'slow_mornings',
      'night_owls',
      'cars',
      'motorcycles',
      'flea_markets',
      'interior_design',
    ],
  },
]

export const interestName = (key: Interest) => `interest.${key}` as const

export const interestGroupName = (key: InterestGroup) => `interestGroup.${key}` as const

/** The catalogue's key for whatever the server names, undefined for what we have no word for. */
export function knownInterest(key: string): `interest.${Interest}` | undefined {
  return key in en.interest ? interestName(key as Interest) : undefined
}
