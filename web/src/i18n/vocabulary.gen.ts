// Made by `make openapi` from the contract; change the Go code instead.

export const callPrivacyKeys = ["everyone","verified","nobody"] as const

export const categoryKeys = ["sport","karaoke","games","music","blind_date","talk","languages","work","local","wellbeing"] as const

export const declineReasonKeys = ["words","pose","unclear","face_hidden","somebody_else","not_live","other"] as const

export const genderKeys = ["woman","man","nonbinary"] as const

export const intentKeys = ["dating","friends","professional"] as const

export const interestKeys = ["karaoke","singing","pop","rock","hip_hop","jazz","classical_music","electronic_music","folk","metal","rnb","kpop","opera","playing_music","concerts","vinyl","football","basketball","volleyball","tennis","padel","table_tennis","badminton","running","cycling","swimming","climbing","gym","yoga","martial_arts","skiing","surfing","sailing","motorsport","dance","hiking","camping","fishing","birdwatching","stargazing","gardening","beaches","mountains","road_trips","video_games","board_games","card_games","chess","mahjong","role_playing","quizzes","escape_rooms","puzzles","cooking","baking","coffee","tea","wine","craft_beer","cocktails","street_food","vegetarian","spicy_food","restaurants","books","poetry","fantasy","crime_stories","film","series","documentaries","anime","comics","theatre","comedy","podcasts","radio","writing","art","drawing","photography","design","architecture","fashion","crafts","knitting","pottery","woodwork","diy","film_making","science","history","philosophy","psychology","politics","economics","space","mathematics","mythology","astrology","spirituality","meditation","mental_health","technology","programming","artificial_intelligence","robotics","gadgets","startups","marketing","finance","careers","remote_work","travel","languages","city_walks","museums","festivals","living_abroad","night_trains","local_culture","animals","dogs","cats","family","parenting","volunteering","environment","minimalism","self_improvement","slow_mornings","night_owls","cars","motorcycles","flea_markets","interior_design"] as const

export const languageKeys = ["en","it","zh"] as const

export const momentAudienceKeys = ["matches","followers","everyone"] as const

export const notificationKindKeys = ["call_ring","call_proposal","match","message","moment_answer","fits","happy_hour","live","event","club_request","club_answer","replay","card","verification","safety","new_device"] as const

export const notificationOutcomeKeys = ["answered","declined","missed","approved","exchanged","soon","begins","started","moved","cancelled","invited","ready","kept","opened"] as const

export const phraseWordKeys = ["apple","autumn","bakery","balcony","bicycle","bread","bridge","butterfly","button","candle","castle","chair","cherry","circle","cloud","coffee","dolphin","door","feather","fire","flower","forest","garden","guitar","hammer","harbour","honey","island","kitchen","ladder","lemon","letter","lion","market","mirror","moon","morning","mountain","ocean","orange","paper","pencil","piano","pillow","rain","river","salt","shadow","silver","snow","spoon","spring","star","station","stone","sugar","summer","tiger","train","umbrella","village","window","winter","yellow"] as const

export const presenceModeKeys = ["visible","do_not_disturb","invisible"] as const

export const promptKeys = ["best_sound","perfect_sunday","small_joy","laugh_at_myself","proud_of","childhood_smell","song_on_repeat","never_too_late","learnt_lately","first_coffee","talk_for_hours","unpopular_opinion","best_advice","city_at_night","dish_i_cook","holiday_again","friends_say","quiet_place","weather_for_me","word_i_love","film_i_quote","late_at_night","teach_you","looking_for","green_flag","worst_haircut","hero_of_mine","if_i_had_a_year","my_neighbourhood","feel_at_home","changed_my_mind","tiny_adventure","i_collect","dream_job_at_ten","thank_somebody","two_truths"] as const

export const reportReasonKeys = ["harassment","hate","sexual","minor","fake","spam","threat","other"] as const

export const roomReactionKeys = ["👏","❤️","😂","🔥","🎉","😮","👍","😢"] as const

export const selfiePoseKeys = ["finger_on_nose","fist_on_chin","hand_on_ear","hand_on_head","hand_on_heart","open_hand_beside_face","thumb_up","two_fingers_up"] as const

export const spokenLanguageKeys = ["en","it","zh","ar","bg","bn","ca","cs","da","de","el","es","et","eu","fa","fi","fil","fr","ga","gl","gu","he","hi","hr","hu","hy","id","is","ja","ka","kk","km","ko","lt","lv","mk","ml","mn","mr","ms","mt","my","ne","nl","no","pa","pl","ps","pt","ro","ru","sk","sl","sq","sr","sv","sw","ta","th","tr","uk","ur","vi","yue"] as const

export const workOfferKeys = ["a_job","hiring","collaborating","mentoring","a_mentor","founding","investing","speaking","advice"] as const

export const interestTree = [
  {"group":"music","interests":["karaoke","singing","pop","rock","hip_hop","jazz","classical_music","electronic_music","folk","metal","rnb","kpop","opera","playing_music","concerts","vinyl"]},
  {"group":"sport","interests":["football","basketball","volleyball","tennis","padel","table_tennis","badminton","running","cycling","swimming","climbing","gym","yoga","martial_arts","skiing","surfing","sailing","motorsport","dance"]},
  {"group":"outdoors","interests":["hiking","camping","fishing","birdwatching","stargazing","gardening","beaches","mountains","road_trips"]},
  {"group":"games","interests":["video_games","board_games","card_games","chess","mahjong","role_playing","quizzes","escape_rooms","puzzles"]},
  {"group":"food","interests":["cooking","baking","coffee","tea","wine","craft_beer","cocktails","street_food","vegetarian","spicy_food","restaurants"]},
  {"group":"stories","interests":["books","poetry","fantasy","crime_stories","film","series","documentaries","anime","comics","theatre","comedy","podcasts","radio","writing"]},
  {"group":"making","interests":["art","drawing","photography","design","architecture","fashion","crafts","knitting","pottery","woodwork","diy","film_making"]},
  {"group":"mind","interests":["science","history","philosophy","psychology","politics","economics","space","mathematics","mythology","astrology","spirituality","meditation","mental_health"]},
  {"group":"technology","interests":["technology","programming","artificial_intelligence","robotics","gadgets","startups","marketing","finance","careers","remote_work"]},
  {"group":"world","interests":["travel","languages","city_walks","museums","festivals","living_abroad","night_trains","local_culture"]},
  {"group":"life","interests":["animals","dogs","cats","family","parenting","volunteering","environment","minimalism","self_improvement","slow_mornings","night_owls","cars","motorcycles","flea_markets","interior_design"]},
] as const

export const chatLimits = [0,3,5,8,12] as const

export const replayDays = [30,7,90,365] as const

export const limits = {
  ageLeast: 18,
  codeMinutes: 10,
  newDays: 7,
  callMinutes: 7,
  callExtensionMinutes: 3,
  callAnswerSeconds: 15,
  callRingSeconds: 30,
  callReturnSeconds: 60,
  callTasteSeconds: 5,
  introLeastSeconds: 5,
  introMostSeconds: 30,
  clipsMost: 4,
  moreClips: 3,
  interestsMost: 20,
  languagesMost: 8,
  photosMost: 4,
  photoMegapixelsMost: 16,
  photoSideLeast: 64,
  guestSeats: 10,
  movesMost: 4,
  verificationMinutes: 15,
  verificationTries: 5,
  verificationWords: 4,
  nameMost: 40,
  pronounsMost: 24,
  workMost: 60,
  linkMost: 200,
  titleMost: 80,
  eventAboutMost: 1000,
  eventDaysMost: 30,
  eventMinutesAhead: 5,
  eventStartMinutes: 30,
  eventRemindMinutes: 15,
  replayDraftDays: 7,
  replayHours: 4,
  chapterMost: 80,
  clubNameMost: 40,
  clubAboutMost: 500,
  clubRulesMost: 1000,
  clubNoteMost: 200,
  clubUsesMost: 1000,
  noteMost: 1000,
  handNoteMost: 80,
  roomMessageMost: 500,
  roomLinkMost: 200,
  pinLeast: 4,
  pinMost: 8,
  stageSeats: 50,
  undoMinutes: 10,
  messageMost: 2000,
  editMinutes: 15,
  voiceMinutes: 2,
  requestDays: 14,
  requestsMost: 10,
  openDays: 14,
  queryMost: 100,
  momentSeconds: 60,
  momentHours: 24,
  momentsMost: 10,
  momentTextMost: 500,
} as const
