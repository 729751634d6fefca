package bot

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var bots = []string{
	"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Twitterbot/1.0", "WhatsApp/2.21.12.21 A", "TelegramBot (like TwitterBot)",
	"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
	"LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)", "Pinterestbot/1.0", "redditbot/1.0",
	"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
	"Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", "Viber/1",
}

var others = []string{
	"", "curl/8.0", "integr8-chaos", "shop-postback/2.4 (+https://shop.example)", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Go-http-client/1.1", "python-requests/2.31", "Python/3.11 aiohttp/3.9", "Java/17.0.1", "okhttp/4.9", "Apache-HttpClient/4.5",
	"GuzzleHttp/7", "PostmanRuntime/7", "axios/1.6", "node-fetch/1.0", "Ruby", "PHP/8.1", "WordPress/6.4; https://shop.example", "Wget/1.21",
	"libwww-perl/6", "Dart/3.0 (dart:io)", "Faraday v2", "Stripe/1.0 (+https://stripe.com/docs/webhooks)", "Zapier", "AppsFlyer",
	"Mozilla/5.0 (compatible; Google-Apps-Script; beanserver; +https://script.google.com; id: x)",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 300.0",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]",
	"Mozilla/5.0 (Linux; Android 12; Google Pixel 6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Mobile Safari/537.36",
	"Mozilla/5.0 (Linux; Android 9; CUBOT_X18) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80 Mobile Safari/537.36",
	"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36 [FBAN/FB4A;FBAV/400]",
}

func TestPreviewsAndCrawlersAreToldFromServersAndVisitors(t *testing.T) {
	for _, userAgent := range bots {
		require.True(t, Is(userAgent), userAgent)
	}
	for _, userAgent := range others {
		require.False(t, Is(userAgent), userAgent)
	}
}

func BenchmarkIs(b *testing.B) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Is(others[i%len(others)])
	}
}
