// Package bot tells link previews and crawlers from visitors and from servers, by
// their user agents.
package bot

import (
	"strings"
	"sync"

	"github.com/medama-io/go-useragent"
)

// parser holds the maintained list, which takes megabytes and a tenth of a second:
// a process that asks for no bot does not make it. It never changes, takes about a
// microsecond a user agent, and allocates nothing.
var parser = sync.OnceValue(useragent.NewParser)

// programs begin the user agents of HTTP libraries and shop systems, in lower
// case. The list takes some for bots; but they are servers, which fire postbacks
// and send visitors on.
var programs = [...]string{
	"curl", "wget", "go-http-client", "python", "aiohttp", "httpx", "java", "jakarta", "okhttp", "apache-httpclient", "apache-http",
	"guzzlehttp", "php", "symfony", "ruby", "faraday", "rest-client", "typhoeus", "http.rb", "axios", "node", "undici", "got", "deno", "bun",
	"postman", "insomnia", "httpie", "libwww", "lwp", "perl", "dart", "reqwest", "rust", "erlang", "hackney", "elixir", "unirest", "restsharp",
	"microsoft-", "powershell", "wordpress", "woocommerce", "shopify", "stripe", "zapier", "hubspot", "appsflyer", "adjust", "branch", "kochava",
	"singular", "voluum", "keitaro", "binom", "bemob", "redtrack", "everflow", "tune", "salesforce", "mozilla/5.0 (compatible; google-apps-script",
}

// previews are parts of the user agents of previews and crawlers that the list
// lacks, in lower case.
var previews = [...]string{
	"skypeuripreview", "microsoftpreview", "bingpreview", "redditbot", "gptbot", "meta-external", "bytespider", "iframely", "embedly",
	"viber/", "slack-imgproxy", "google-inspectiontool", "mattermost", "vkshare", "line-poker", "kakaotalk-scrap", "claudebot", "perplexitybot",
}

// crawlerMarks are in the user agent of every crawler that looks like a browser.
var crawlerMarks = [...]string{"bot", "crawl", "spider", "slurp", "+http", "headless", "mediapartners", "pagespeed", "lighthouse"}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// lately is what was asked lately.
var lately = newSeen()

// Is reports whether the user agent is that of a known link preview or crawler.
// One that names none, or a program that makes HTTP requests, is not.
func Is(userAgent string) bool {
	return userAgent != "" && lately.is(userAgent, is)
}

func is(userAgent string) bool {
	lower := strings.ToLower(userAgent)
	for _, program := range programs {
		if strings.HasPrefix(lower, program) {
			return false
		}
	}
	if containsAny(lower, previews[:]) {
		return true
	}
	if strings.HasPrefix(lower, "mozilla/") && !containsAny(lower, crawlerMarks[:]) {
		return false // a browser within an app, whose name the list takes for a bot
	}
	return parser().Parse(userAgent).IsBot()
}
