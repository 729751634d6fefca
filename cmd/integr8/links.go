package main

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// replaceMe stands where the one who pastes a link puts his own macro. The
// doors know it for a placeholder and say so when it is sent.
const replaceMe = "REPLACE"

// trackingLink is what a publisher sends visitors to.
func trackingLink(base *url.URL, offer int64) string {
	return link(base, "click", hit.ParamOffer, strconv.FormatInt(offer, 10), hit.ParamPublisher, replaceMe)
}

// postbackURL is what an advertiser calls from its server.
func postbackURL(base *url.URL, token string, n needs) string {
	return link(base, "postback", n.fill(attribution.ByPostback, "", hit.ParamSecure, token, hit.ParamTransactionID, replaceMe)...)
}

// clicklessURL reports a conversion that no click led to. A global token does
// not say of which offer; then the offer has to be named.
func clicklessURL(base *url.URL, token string, tokenOffer int64, n needs) string {
	parameters := []string{hit.ParamSecure, token}
	if tokenOffer == 0 {
		parameters = append(parameters, hit.ParamOffer, replaceMe)
	}
	for _, name := range []string{
		hit.ParamPublisher, hit.ParamSubID, hit.ParamSessionTime, hit.ParamConversionIP, hit.ParamUserAgent,
		hit.ParamRevenue, hit.ParamPayout, hit.ParamExternalTransactionID, hit.ParamUserEmail,
	} {
		parameters = append(parameters, name, replaceMe)
	}
	return link(base, "clickless", n.fill(attribution.ByClickless, "", parameters...)...)
}

// pixelURL is the address of an image pixel with a token of a purpose. The host is
// a tracking domain of the account, served the same way as the base.
func pixelURL(base *url.URL, host, token string, purpose attribution.Method, n needs) string {
	onDomain := *base
	onDomain.Host = host
	if port := base.Port(); port != "" {
		onDomain.Host = net.JoinHostPort(host, port)
	}
	return link(&onDomain, "pixel", n.fill(attribution.ByPixel, purpose, hit.ParamSecure, token, hit.ParamTransactionID, replaceMe)...)
}

// pixelTag is what an advertiser puts on its thank-you page.
func pixelTag(address string) string {
	return fmt.Sprintf(`<img src="%s" width="1" height="1" alt="" style="display:none">`, address)
}

// link writes the parameters in the order given, not sorted: people read it.
func link(base *url.URL, door string, parameters ...string) string {
	query := make([]string, 0, len(parameters)/2)
	for i := 0; i < len(parameters); i += 2 {
		query = append(query, url.QueryEscape(parameters[i])+"="+url.QueryEscape(parameters[i+1]))
	}
	address := *base.JoinPath(door)
	address.RawQuery = strings.Join(query, "&")
	return address.String()
}
