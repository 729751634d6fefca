// Package bot distinguishes link previews and crawlers from visitors and servers, by
// their user agents.
package bot

import (
	"strings"
	"sync"

	"github.com/medama-io/go-useragent"

	"integr8/pipeline/ascii"
)

// parser loads the maintained list, which takes megabytes and a tenth of a second, when
// it is first needed. The list never changes. It takes about a microsecond a user
// agent, and allocates nothing.
var parser = sync.OnceValue(useragent.NewParser)

// programs are the beginnings of the user agents of HTTP libraries and shop systems, in
// lower case. The list takes some of them for bots, but they are servers, which send
// postbacks and forward visitors.
var programs = [...]string{
	"curl", "wget", "go-http-client", "python", "aiohttp", "httpx", "java", "jakarta", "okhttp", "apache-httpclient", "apache-http",
	"guzzlehttp", "php", "symfony", "ruby", "faraday", "rest-client", "typhoeus", "http.rb", "axios", "node", "undici", "got", "deno", "bun",
	"postman", "insomnia", "httpie", "libwww", "lwp", "perl", "dart", "reqwest", "rust", "erlang", "hackney", "elixir", "unirest", "restsharp",
	"microsoft-", "powershell", "wordpress", "woocommerce", "shopify", "stripe", "zapier", "hubspot", "appsflyer", "adjust", "branch", "kochava",
	"singular", "voluum", "keitaro", "binom", "bemob", "redtrack", "everflow", "tune", "salesforce", "affise",
	// Google's servers that send for their users: Pub/Sub, App Engine, Cloud Functions, Scheduler and Tasks, Tag Manager.
	"apis-google", "appengine-google", "cloudpubsub-google", "google-cloud-", "googletagmanager", "google-tag-manager", "google-apps-script", "mozilla/5.0 (compatible; google-apps-script",
}

// previews are parts of the user agents of previews, crawlers and image proxies that
// the list lacks, in lower case. Names that end in bot are missing here: isBotByName
// finds them.
var previews = [...]string{
	"uripreview", "urlpreview", "url preview", "link preview", "linkpreview", "link-preview", "microsoftpreview", "bingpreview", "meta-external", "bytespider",
	"iframely", "embedly", "viber/", "slack-imgproxy", "linkexpanding", "google-inspectiontool", "google-safety", "google-read-aloud", "googleother", "mattermost",
	"vkshare", "line-poker", "linespider", "kakaotalk-scrap", "kakaostory-og-reader", "notionembedder", "flipboardproxy", "cardyb", "xing-contenttabreceiver",
	"tumblr/", "unfurl", "ogscraper", "metascraper", "feedfetcher", "virustotal", "urlscan", "nextcloud server crawler", "hubspot crawler", "cincraw",
	// The assistants that fetch a page for the person who asks about it.
	"chatgpt-user", "oai-searchbot", "claude-user", "claude-web", "perplexity-user", "mistralai-user", "duckassist", "cohere-ai",
	// Servers of the fediverse and of Matrix, each of which fetches a link that was posted.
	"mastodon/", "synapse", "pleroma", "akkoma", "misskey", "lemmy/", "friendica", "gotosocial", "pixelfed", "peertube", "hubzilla",
	// Office programs fetch a link before the browser does, and the filters of mail services before the reader does.
	"ms-office", "msoffice", "safelinks", "proofpoint", "mimecast", "barracuda",
	// Mail services fetch the images of a message, whether or not its reader does anything.
	"googleimageproxy", "yahoomailproxy",
}

// crawlerMarks are in the user agent of every crawler that looks like a browser.
var crawlerMarks = [...]string{"bot", "crawl", "spider", "slurp", "+http", "headless", "mediapartners", "pagespeed", "lighthouse"}

// isBotByName reports whether a word of a user agent ends in bot, as in Slackbot and
// BitlyBot. It excepts Cubot, a maker of phones.
func isBotByName(lower string) bool {
	for rest := lower; ; {
		at := strings.Index(rest, "bot")
		if at < 0 {
			return false
		}
		before, after := rest[:at], rest[at+len("bot"):]
		if (after == "" || !ascii.IsLetter(after[0])) && !strings.HasSuffix(before, "cu") {
			return true
		}
		rest = after
	}
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// withoutBot hides the letters bot from the list, which finds them in bottle, botanic
// and robotics too. isBotByName has already found the words that end in them.
var withoutBot = strings.NewReplacer("bot", "b", "Bot", "B", "BOT", "B")

// lately caches the latest results of is.
var lately = newSeen()

// Is reports whether the user agent is that of a known link preview or crawler, or of a
// proxy through which a mail service fetches images. It returns false for a user agent
// that names none of these, and for a program that makes HTTP requests.
func Is(userAgent string) bool {
	return userAgent != "" && lately.is(userAgent, is)
}

func is(userAgent string) bool {
	lower := strings.ToLower(userAgent)
	if containsAny(lower, previews[:]) { // also within a program, as in http.rb/5.1 (Mastodon/4.2)
		return true
	}
	for _, program := range programs {
		if strings.HasPrefix(lower, program) {
			return false
		}
	}
	if isBotByName(lower) {
		return true
	}
	if strings.HasPrefix(lower, "mozilla/") && !containsAny(lower, crawlerMarks[:]) {
		return false // a browser within an app, whose name the list takes for a bot
	}
	return parser().Parse(withoutBot.Replace(userAgent)).IsBot()
}
