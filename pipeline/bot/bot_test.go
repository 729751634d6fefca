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
	"NotionEmbedder", "Mozilla/5.0 (compatible; NotionEmbedder/1.0)",
	"Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
	"FlipboardProxy/1.2; +http://flipboard.com/browserproxy", "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot", "ChatGPT-User",
	"http.rb/5.1.1 (Mastodon/4.2.0; +https://mastodon.example/)", "Mastodon/4.3.1 (http.rb/5.2.0; +https://mastodon.example/)",
	"Synapse (bot; +https://github.com/matrix-org/synapse)", "Synapse/1.99.0",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/76.0 Safari/537.36 Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
	"Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)", "Bluesky Cardyb/1.1; +mailto:support@bsky.app",
	"Mozilla/5.0 (compatible; Yahoo Link Preview; https://help.yahoo.com/kb/mail/yahoo-link-preview-SLN23615.html)",
	"Mozilla/5.0 (compatible; BitlyBot/1.0; +http://bit.ly/)", "BitlyBot", "Slackbot", "Slackbot 1.0 (+https://api.slack.com/robots)", "Slackbot-LinkExpanding", "Slack-ImgProxy (+https://api.slack.com/robots)",
	"facebookexternalhit/1.1;line-poker/1.0", "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984", "Iframely/1.3.1 (+https://iframely.com/docs/about)",
	"Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)", "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
	"Google-Safety; (+http://www.google.com/bot.html)", "Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "ZulipURLPreview/1.0 (+https://zulip.example)", "Mozilla/5.0 (compatible; Mattermost-Bot/1.1)",
	"Mozilla/5.0 (compatible; Claude-User/1.0; +Claude-User@anthropic.com)", "Mozilla/5.0 (compatible; Perplexity-User/1.0)", "Tumblr/14.0.835.186", "XING-contenttabreceiver/2.0",
	"Pleroma 2.6; https://social.example; Bot", "Misskey/13.0 (https://misskey.example)", "Quora Link Preview/1.0 (http://www.quora.com)", "Mozilla/5.0 (compatible; Discordbot/2.0)", "TelegramBot",
	"Nextcloud Server Crawler", "HubSpot Crawler", "Mozilla/5.0 (compatible; HubSpot Crawler; +https://www.hubspot.com)", "Mozilla/5.0 (compatible; Cincraw/1.0; +http://cincrawdata.net/bot/)", "AdsBot-Google (+http://www.google.com/adsbot.html)",
}

var others = []string{
	"", "curl/8.0", "integr8-chaos", "integr8-test", "shop-postback/2.4 (+https://shop.example)", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Go-http-client/1.1", "python-requests/2.31", "Python/3.11 aiohttp/3.9", "Java/17.0.1", "okhttp/4.9", "Apache-HttpClient/4.5",
	"GuzzleHttp/7", "PostmanRuntime/7", "axios/1.6", "node-fetch/1.0", "Ruby", "PHP/8.1", "WordPress/6.4; https://shop.example", "Wget/1.21",
	"libwww-perl/6", "Dart/3.0 (dart:io)", "Faraday v2", "Stripe/1.0 (+https://stripe.com/docs/webhooks)", "Zapier", "AppsFlyer",
	"APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)", "AppEngine-Google; (+http://code.google.com/appengine; appid: s~x)", "CloudPubSub-Google", "Google-Cloud-Scheduler",
	"Google-Cloud-Tasks", "Google-Cloud-Functions", "GoogleTagManager", "Google-Apps-Script", "AffiseBot", "Affise", "HubSpot Connect 2.0 (https://developers.hubspot.com/)",
	"Mozilla/5.0 (compatible; Google-Apps-Script; beanserver; +https://script.google.com; id: x)",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 300.0",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]",
	"Mozilla/5.0 (Linux; Android 12; Google Pixel 6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Mobile Safari/537.36",
	"Mozilla/5.0 (Linux; Android 10; CUBOT) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80 Mobile Safari/537.36", "bottle-shop/1.0", "Botanic Shop 2.0", "robotics-shop/1.0",
	"Viberate/1.0", "curl/8.0 (robotshop)", "python-requests/2.31 (shopbots)", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Safari/537.36 Teams/1.6",
	"Mozilla/5.0 (Linux; Android 9; CUBOT_X18) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80 Mobile Safari/537.36",
	"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36 [FBAN/FB4A;FBAV/400]",
}

func TestPreviewsAndCrawlersAreDistinguishedFromServersAndVisitors(t *testing.T) {
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
