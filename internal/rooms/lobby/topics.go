package lobby

// topics holds what each category of rooms is called in the languages of the client; a test
// compares it with their texts.
var topics = map[string][]string{
	"sport":      {"Sport", "运动"},
	"karaoke":    {"Karaoke", "K歌", "卡拉OK"},
	"games":      {"Games", "Giochi", "游戏"},
	"music":      {"Music", "Musica", "音乐"},
	"blind_date": {"Blind date", "Appuntamento al buio", "语音相亲"},
	"talk":       {"Talk", "Chiacchiere", "闲聊"},
	"languages":  {"Languages", "Lingue", "外语"},
	"work":       {"Work", "Lavoro", "工作"},
	"local":      {"Local", "In zona", "同城"},
	"wellbeing":  {"Wellbeing", "Benessere", "身心健康"},
}
