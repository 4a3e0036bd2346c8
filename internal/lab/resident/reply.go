package resident

import (
	"context"
	"errors"
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
	repliesMost = 12 // in one chat: after that a resident only reads
)

// replies are the prepared messages of residents by language: the first says what they are,
// the others follow in turn. They must fit whatever they answer, for nobody reads it.
var replies = map[string][]string{
	"en": {
		"Nice to hear from you. I should say: I'm a resident, and my lines were written beforehand. I can't read yours. People who can are one tab away, in Discover.",
		"I like that someone wrote to me. Which sound did you notice first today?",
		"I have an answer for this, but somebody wrote it weeks ago. What would you ask a person here?",
		"Somewhere in Rooms there are voices right now. Mine is in one of them, most evenings.",
		"Here's a question that works on people: which song do you turn up, every time?",
		"A small tip: say what you heard in someone's intro. That's a better start than hello.",
	},
	"it": {
		"Che bello leggerti. Ti dico subito una cosa: sono una voce residente e le mie frasi sono già scritte. Le tue non le so leggere. Chi può farlo è in Scopri, a un tocco da qui.",
		"Mi piace che qualcuno mi scriva. Qual è il primo suono che hai notato oggi?",
		"Una risposta ce l’ho, ma è stata scritta settimane fa. Tu che cosa chiederesti a una persona, qui?",
		"Nelle stanze c’è sempre qualche voce. Quasi tutte le sere c’è anche la mia.",
		"Una domanda che con le persone funziona: quale canzone alzi sempre di volume?",
		"Un consiglio: parti da quello che hai sentito in una presentazione. È un inizio migliore di un ciao.",
	},
	"zh": {
		"收到你的消息真好。先说实话：我是虚拟居民，话都是提前写好的，看不懂你写的内容。能看懂的人在“发现”里，点一下就到。",
		"有人给我写信，我挺开心的。你今天最先留意到的声音是什么？",
		"这个我有答案，不过是几周前写好的。换成真人，你想问什么？",
		"房间里常有人在聊。晚上我也多半在。",
		"有个问题对真人很管用：哪首歌一响，你就想把音量调大？",
		"小建议：从对方语音介绍里听到的事聊起，比“你好”更容易接上话。",
	},
}

// reply answers messages until ctx ends: read, a while of typing, and the next prepared
// message. One answer is for all that came since the last.
func reply(ctx context.Context, log *slog.Logger, base, token, language string) {
	lines := replies[language]
	if len(lines) == 0 {
		lines = replies["en"]
	}
	var c *bot.Client
	for sleep(ctx, readEvery/2+rand.N(readEvery)) {
		var err error
		if c == nil {
			c, err = bot.Dial(ctx, base, token)
		}
		if err == nil {
			err = replyToAll(ctx, c, lines)
		}
		if errors.Is(err, bot.ErrSignedOut) {
			return
		}
		if err != nil && ctx.Err() == nil {
			log.Debug("resident: chats", "err", err)
		}
	}
}

func replyToAll(ctx context.Context, c *bot.Client, lines []string) error {
	chats, err := c.Chats(ctx, readChats)
	if err != nil {
		return err
	}
	for _, chat := range chats {
		if chat.Unread == 0 || chat.Last == nil || chat.Last.Mine {
			continue
		}
		if err := replyTo(ctx, c, chat, lines); err != nil {
			return err
		}
	}
	return nil
}

func replyTo(ctx context.Context, c *bot.Client, chat bot.Chat, lines []string) error {
	with := chat.Person.ID
	before, err := c.Messages(ctx, with, 100)
	if err != nil {
		return err
	}
	if err := c.MarkRead(ctx, with, chat.Last.N); err != nil {
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
	next := lines[0]
	if said > 0 {
		next = lines[1+(said-1)%(len(lines)-1)]
	}
	_, err = c.Send(ctx, with, next)
	return err
}
