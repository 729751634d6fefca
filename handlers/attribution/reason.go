package attribution

// Outcome is what became of a hit.
type Outcome string

// The outcomes. Recorded (a click), Converted and Duplicate are final; every
// other one may be decided anew, by a replay or by a click that comes late.
const (
	Recorded  Outcome = "recorded"
	Converted Outcome = "converted"
	Duplicate Outcome = "duplicate"
	// Waiting means that the transaction_id is genuine but its click has not
	// been written yet.
	Waiting Outcome = "waiting"
	// Unmatched means that no click came within the late-click window.
	Unmatched Outcome = "unmatched"
	Rejected  Outcome = "rejected"
	// Failed means that handling kept failing; the hit is a dead letter.
	Failed Outcome = "failed"
)

// Final reports whether the outcome is never decided anew.
func (o Outcome) Final() bool {
	return o == Recorded || o == Converted || o == Duplicate
}

// Reason says why a hit has its outcome. The same word stands in the hit's
// row, the metric's label and the log line.
type Reason string

// Every reason. None belongs to outcomes that need none: recorded, converted.
const (
	None Reason = ""

	// Seen at the door, without a lookup.
	MissingToken            Reason = "missing_token"
	MissingTransactionID    Reason = "missing_transaction_id"
	PlaceholderTransaction  Reason = "placeholder_transaction_id"
	MalformedTransactionID  Reason = "malformed_transaction_id"
	UnverifiedTransactionID Reason = "unverified_transaction_id"
	PlaceholderOrderID      Reason = "placeholder_order_id"
	PlaceholderExternalID   Reason = "placeholder_external_transaction_id"
	MissingOffer            Reason = "missing_offer"
	InvalidOffer            Reason = "invalid_offer"
	MissingPublisher        Reason = "missing_publisher"
	InvalidPublisher        Reason = "invalid_publisher"
	RepeatedParameter       Reason = "repeated_parameter"
	MalformedRequest        Reason = "malformed_request"
	InvalidText             Reason = "invalid_text"
	InvalidAmount           Reason = "invalid_amount"
	UnknownCurrency         Reason = "unknown_currency"
	InvalidConversionIP     Reason = "invalid_conversion_ip"
	InvalidSessionTime      Reason = "invalid_session_time"
	InvalidEmail            Reason = "invalid_email"
	ValueTooLong            Reason = "value_too_long"
	WrongMethod             Reason = "wrong_method"
	TooLarge                Reason = "too_large"
	UnknownPath             Reason = "unknown_path"
	UnknownPixelDomain      Reason = "unknown_pixel_domain"

	// Decided by the rules.
	UnknownToken      Reason = "unknown_token"
	ExpiredToken      Reason = "expired_token"
	UnknownOffer      Reason = "unknown_offer"
	UnknownPublisher  Reason = "unknown_publisher"
	OfferPaused       Reason = "offer_paused"
	PublisherPaused   Reason = "publisher_paused"
	WrongOffer        Reason = "wrong_offer"
	WrongAccount      Reason = "wrong_account"
	WrongDomain       Reason = "wrong_domain"
	WrongPurpose      Reason = "wrong_purpose"
	OutsideWindow     Reason = "outside_window"
	UnsupportedEvent  Reason = "unsupported_event"
	UnsupportedStatus Reason = "unsupported_status"
	MissingOrderID    Reason = "missing_order_id"
	MissingRevenue    Reason = "missing_revenue"
	RevenueNotCounted Reason = "revenue_not_counted"
	CurrencyMismatch  Reason = "currency_mismatch"
	AmountTooLarge    Reason = "amount_too_large"
	DuplicateSameURL  Reason = "duplicate_same_url"
	DuplicateOtherURL Reason = "duplicate_other_url"
	DuplicateOrder    Reason = "duplicate_order"
	ClickNotYet       Reason = "click_not_yet"
	ClickNeverCame    Reason = "click_never_came"
	ClickExpired      Reason = "click_expired"

	// Told by the machinery.
	HandlerFailed  Reason = "handler_failed"
	DeliveryLimit  Reason = "delivery_limit"
	MessageExpired Reason = "message_expired"
	QueueOverflow  Reason = "queue_overflow"
	MessageRefused Reason = "message_refused"
	Unexplained    Reason = "unexplained"
	Undecodable    Reason = "undecodable"
)

// Hint is one line that tells an operator what to do about the reason; empty
// for None and for a reason that does not exist.
func (r Reason) Hint() string { return hints[r] }

// Reasons lists every reason that has a hint, in no order.
func Reasons() []Reason {
	all := make([]Reason, 0, len(hints))
	for r := range hints {
		all = append(all, r)
	}
	return all
}

var hints = map[Reason]string{
	MissingToken:            "The request names no secure token: paste the URL that `integr8 token show` prints.",
	MissingTransactionID:    "The advertiser fired without a transaction_id: the destination URL must carry {transaction_id}, and the advertiser must hand it back.",
	PlaceholderTransaction:  "The advertiser sent the placeholder itself: the macro in its postback settings was never filled in: have the advertiser fill it in.",
	PlaceholderOrderID:      "The order_id is a macro that was never filled in: have the advertiser fill it in, or leave it out where one click converts once.",
	PlaceholderExternalID:   "The external_transaction_id is a macro that was never filled in: have the advertiser fill it in.",
	MalformedTransactionID:  "The transaction_id is not 32 hex digits: check that the advertiser hands it back whole.",
	UnverifiedTransactionID: "No secret in INTEGR8_SECRET made the transaction_id: a typo, a forgery, another system's id, or a missing secret. Run `integr8 doctor`; once the workers have the secret, replay.",
	MissingOffer:            "Name the offer with the offer parameter, or use an offer-level token.",
	InvalidOffer:            "The offer parameter must be the offer's number.",
	MissingPublisher:        "Name the publisher with the publisher parameter.",
	InvalidPublisher:        "The publisher parameter must be the publisher's number.",
	RepeatedParameter:       "A parameter came more than once, so its value is in doubt: send each once.",
	MalformedRequest:        "The query or the body cannot be read: check the percent-encoding and the Content-Type.",
	InvalidText:             "A parameter holds a NUL or is not UTF-8: encode it as UTF-8.",
	InvalidAmount:           "revenue and payout must be plain decimal numbers, not negative, below one trillion.",
	UnknownCurrency:         "currency must be an ISO 4217 code such as USD.",
	InvalidConversionIP:     "conversion_ip must be an IPv4 or IPv6 address.",
	InvalidSessionTime:      "session_time must be Unix seconds, Unix milliseconds or RFC 3339.",
	InvalidEmail:            "user_email must be an e-mail address or its hash.",
	ValueTooLong:            "A parameter is longer than is taken: shorten it.",
	WrongMethod:             "The door does not take that method (answered 405): have the sender use GET, or POST for a postback.",
	TooLarge:                "The URL or the body is larger than is taken (answered 414 or 413): have the sender leave out what is not needed; the query alone is enough.",
	UnknownPath:             "No door has that path (answered 404): give the sender the URL that `integr8 token show` prints.",
	UnknownPixelDomain:      "The pixel was asked of a host that is no tracking domain of an account (answered 404): integr8 domain create, or correct the tag.",

	UnknownToken:      "No such secure token: paste the URL that `integr8 token show` prints, or import the token and replay.",
	ExpiredToken:      "The secure token is no longer valid: give the advertiser the current URL.",
	UnknownOffer:      "The account has no such offer: correct the number.",
	UnknownPublisher:  "The account has no such publisher: create it and replay, or correct the link.",
	OfferPaused:       "The offer is paused: resume it and replay, or discard.",
	PublisherPaused:   "The publisher is paused: resume it and replay, or discard.",
	WrongOffer:        "An offer-level token was used for another offer: give the advertiser that offer's URL or the global one.",
	WrongAccount:      "The click belongs to another account: the advertiser mixed up two accounts' URLs.",
	WrongDomain:       "The pixel was served from another account's tracking domain.",
	WrongPurpose:      "The secure token was made for another way in: use the URL or tag that `integr8 token show` prints for this one.",
	OutsideWindow:     "The conversion came after the offer's attribution window: widen it and replay, or discard.",
	UnsupportedEvent:  "Another event than the offer's base conversion, which is all that converts. If it means that one: integr8 offer edit ID --base-words WORD (or --ignore-params NAME), then replay; else discard.",
	UnsupportedStatus: "No approved conversion, by what the sender says of it. If it is approved: integr8 offer edit ID --base-words WORD (or --ignore-params NAME), then replay; else discard.",
	MissingOrderID:    "The offer takes several conversions a click and so needs an order_id with each: have the advertiser send it.",
	MissingRevenue:    "The offer's terms are a percentage of the revenue, and none was sent: have the advertiser send revenue; or give the offer fixed terms and replay.",
	RevenueNotCounted: "The terms are a percentage, and the revenue of this hit does not count. Clickless: a token made for clickless, or offer edit --own-amounts; pixel: a postback instead, or fixed terms. Then replay.",
	CurrencyMismatch:  "The amount was sent in another currency than the offer's: amounts are never converted. Have the advertiser send the offer's.",
	AmountTooLarge:    "The amount that results is one trillion or more: check the sent revenue and the percentage.",
	DuplicateSameURL:  "The conversion was recorded before, by the same kind of URL: nothing to do. Another order of the same click counts only where the offer has --many-per-click.",
	DuplicateOtherURL: "The conversion was recorded before by the other URL form: have the advertiser keep either the global or the offer-level postback.",
	DuplicateOrder:    "The offer pays an order_id once, and another conversion has this one. If they were two sales: have the advertiser send another order_id with each; else nothing to do.",
	ClickNotYet:       "The click has not been written yet: it is matched as soon as it is.",
	ClickExpired:      "The transaction_id is genuine, but the clicks of its day were dropped by retention: discard, or see integr8 retention show.",
	ClickNeverCame:    "No click came within the late-click window: a click that is still written decides the hit anew, by itself; or discard.",

	HandlerFailed:  "Handling failed: read the error and after how many attempts, mend its cause and replay.",
	DeliveryLimit:  "The broker delivered the message again and again, and no worker finished with it: look for a crash or lost connections at that time, then replay.",
	MessageExpired: "The message outlived a time to live that somebody else set on the broker: integr8 doctor; remove the policy (message-ttl) or the publisher's expiration, then replay.",
	QueueOverflow:  "The broker dropped the message from a full queue, by a policy that somebody else set: integr8 doctor; remove it (overflow drop-head), then replay.",
	MessageRefused: "A consumer rejected the message, which workers never do: find out who else consumes from the queue, then replay.",
	Unexplained:    "Nothing says why the message was in the dead queue: find out who else publishes to it, then replay.",
	Undecodable:    "The message is no hit that this version can read: find out who else publishes to the queue, or run the version that wrote it.",
}
