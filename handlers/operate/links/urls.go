package links

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"integr8/pipeline/hit"
)

// Placeholder stands in a link for the macro of the person who pastes it. The doors
// recognise it as a placeholder and say so when it is sent.
const Placeholder = "REPLACE"

// Base is the public address of the doors: a scheme and a host, and perhaps a port and
// a path.
type Base struct{ URL *url.URL }

// TrackingLink returns the link to which a publisher sends visitors.
func (b Base) TrackingLink(offer int64) string { return b.LabelledLink(offer, 0, nil) }

// LabelledLink returns the tracking link of a publisher, or with 0 one with a
// Placeholder, which carries the labels that have a value.
func (b Base) LabelledLink(offer, publisher int64, labels []Label) string {
	by := Placeholder
	if publisher != 0 {
		by = strconv.FormatInt(publisher, 10)
	}
	parameters := []string{hit.ParamOffer, strconv.FormatInt(offer, 10), hit.ParamPublisher, by}
	for _, label := range labels {
		if label.Value != "" {
			parameters = append(parameters, label.Name, label.Value)
		}
	}
	return doorURL(b.URL, "click", parameters...)
}

// postback returns the URL that an advertiser's server requests.
func (b Base) postback(token string, n needs) string {
	return doorURL(b.URL, "postback", n.fill(hit.Postback, "", hit.ParamSecure, token, hit.ParamTransactionID, Placeholder)...)
}

// clickless returns the URL that reports a conversion without a click. A global token
// does not determine the offer, so the URL needs it as a parameter.
func (b Base) clickless(token string, tokenOffer int64, n needs) string {
	parameters := []string{hit.ParamSecure, token}
	if tokenOffer == 0 {
		parameters = append(parameters, hit.ParamOffer, Placeholder)
	}
	for _, name := range []string{
		hit.ParamPublisher, hit.ParamSubID, hit.ParamSessionTime, hit.ParamConversionIP, hit.ParamUserAgent,
		hit.ParamRevenue, hit.ParamPayout, hit.ParamExternalTransactionID, hit.ParamUserEmail,
	} {
		parameters = append(parameters, name, Placeholder)
	}
	return doorURL(b.URL, "clickless", n.fill(hit.Clickless, "", parameters...)...)
}

// pixel returns the address of an image pixel with a token of a purpose. host is a
// tracking domain of the account, served in the same way as the base.
func (b Base) pixel(host, token string, purpose hit.Kind, n needs) string {
	onDomain := *b.URL
	onDomain.Host = host
	if port := b.URL.Port(); port != "" {
		onDomain.Host = net.JoinHostPort(host, port)
	}
	return doorURL(&onDomain, "pixel", n.fill(hit.Pixel, purpose, hit.ParamSecure, token, hit.ParamTransactionID, Placeholder)...)
}

// pixelTag returns the tag that an advertiser puts on its thank-you page.
func pixelTag(address string) string {
	return fmt.Sprintf(`<img src="%s" width="1" height="1" alt="" style="display:none">`, address)
}

// doorURL writes the parameters in the given order, and not sorted, because people read
// them.
func doorURL(base *url.URL, door string, parameters ...string) string {
	query := make([]string, 0, len(parameters)/2)
	for i := 0; i < len(parameters); i += 2 {
		query = append(query, url.QueryEscape(parameters[i])+"="+url.QueryEscape(parameters[i+1]))
	}
	address := *base.JoinPath(door)
	address.RawQuery = strings.Join(query, "&")
	return address.String()
}
