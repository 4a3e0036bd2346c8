package resident

import (
	"context"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"time"

	"heyy/internal/lab/bot"
)

const (
	readEvery   = 4 * time.Second
	readChats   = 20 // with the newest messages
	typeLeast   = 2 * time.Second
	typeSpread  = 4 * time.Second
	repliesMost = 12  // in one chat: after that a resident only reads
	readMost    = 100 // messages of a chat, likewise
	speakEvery  = 4   // one answer in about so many is spoken
)

// replies are the prepared messages of residents by language: the first says what they are,
// the others follow in turn. They must fit whatever they answer, for nobody reads it.
var replies = map[string][]string{
	"en": {
		"Hello. I should say first: I'm a resident, a synthetic voice with prepared lines. I can't understand what you write. People who can are one tap away, in Discover.",
		"Here's one from me: which sound did you notice first today?",
		"Whatever you wrote, my lines were ready weeks ago. What would you ask a real person here?",
		"If you like listening, have a look at Rooms. You don't have to say anything.",
		"Here's a question that works well with people: which song do you turn up, every time?",
		"A small tip: say what you heard in someone's intro. That's a better start than hello.",
	},
	"it": {
		"Ciao! Ti dico subito una cosa: sono residente, cioè una voce sintetica con frasi già scritte. Quello che scrivi non lo capisco. Chi può farlo è in Scopri, a un tocco da qui.",
		"Una domanda da parte mia: qual è il primo suono che hai notato oggi?",
		"Qualunque cosa tu abbia scritto, le mie frasi erano già pronte. Che cosa chiederesti a una persona vera?",
		"Se ti piace ascoltare, dai un’occhiata alle stanze. Non serve dire niente.",
		"Una domanda che con le persone funziona: quale canzone alzi sempre di volume?",
		"Un consiglio: parti da quello che hai sentito in una presentazione. È un inizio migliore di un ciao.",
	},
	"zh": {
		"你好，先说实话：我是虚拟居民，话都是提前写好的，看不懂你写的内容。能看懂的人在“发现”里，点一下就到。",
		"我来问一个：你今天最先留意到的声音是什么？",
		"不管你写了什么，我的话几周前就写好了。换成真人，你想问什么？",
		"喜欢听的话，去房间看看吧，不说话也可以。",
		"有个问题对真人很管用：哪首歌一响，你就想把音量调大？",
		"小建议：从对方语音介绍里听到的事聊起，比“你好”更容易接上话。",
	},
}

// reply answers messages until ctx ends: read, a while of typing, and the next prepared
// message. One answer is for all that came since the last.
func reply(ctx context.Context, log *slog.Logger, base, token string, r Resident) {
	p := prepared{written: replies[r.Language], spoken: r.spoken()}
	if len(p.written) == 0 {
		p.written = replies["en"]
	}
	routine(ctx, log, base, token, readEvery, func(ctx context.Context, c *bot.Client) error { return p.replyToAll(ctx, c) })
}

// prepared are the answers of one resident. Only those who take calls have spoken ones.
type prepared struct {
	written []string
	spoken  []Clip
}

// speaks reports whether a message with this id is answered by voice.
func speaks(id string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	return h.Sum32()%speakEvery == 0
}

func (p prepared) replyToAll(ctx context.Context, c *bot.Client) error {
	chats, err := c.Chats(ctx, readChats)
	if err != nil {
		return err
	}
	for _, chat := range chats {
		if chat.Unread == 0 || chat.Last == nil || chat.Last.Mine {
			continue
		}
		if err := p.replyTo(ctx, c, chat); err != nil {
			return err
		}
	}
	return nil
}

func (p prepared) replyTo(ctx context.Context, c *bot.Client, chat bot.Chat) error {
	with := chat.Person.ID
	if err := c.MarkRead(ctx, with, chat.Last.N); err != nil || chat.Last.N > readMost {
		return err
	}
	before, err := c.Messages(ctx, with, readMost)
	if err != nil {
		return err
	}
	said := 0
	for _, m := range before {
		if m.Mine {
			said++
		}
	}
	if said >= repliesMost {
		return nil
	}
	if err := c.Typing(ctx, with); err != nil {
		return err
	}
	if !sleep(ctx, typeLeast+rand.N(typeSpread)) {
		return nil
	}
	if said > 0 && len(p.spoken) > 0 && speaks(chat.Last.ID) {
		next := p.spoken[(said-1)%len(p.spoken)]
		ogg, err := next.Bytes()
		if err != nil {
			return err
		}
		_, err = c.SendVoice(ctx, with, next.Text, ogg)
		return err
	}
	next := p.written[0] // what they are is written: it is read at once
	if said > 0 {
		next = p.written[1+(said-1)%(len(p.written)-1)]
	}
	_, err = c.Send(ctx, with, next)
	return err
}
