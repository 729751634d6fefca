package outcome

// A declaration says all there is to a reason: door, value, rule or machinery, for who
// raises it, then what applies of orRules, ofSender and ofReference. These are in
// entry.go. testdata/reasons.txt shows every reason with all of it.

// A door raises these when it refuses a request for its form, without a lookup. The
// response is 400 where nothing else is said.
var (
	MissingToken = door("missing_token",
		"the secure token is missing: send it as the parameter secure, as in the URL that you were given",
		"The request names no secure token: paste the token's URL (`integr8 token show`).")
	RepeatedParameter = door("repeated_parameter",
		"{a parameter} was sent more than once: send each parameter once, counting the query and the body together",
		"A parameter came more than once, so its value is in doubt: send each once.")
	// Broken percent-encoding, or a broken body.
	MalformedRequest = door("malformed_request",
		"{the request} cannot be read: percent-encode every value, and match the body to its Content-Type",
		"The query or the body cannot be read: check the percent-encoding and the Content-Type.")
	// A NUL, or text that is not UTF-8.
	InvalidText = door("invalid_text",
		"{a parameter} holds a NUL or is not UTF-8: send text encoded as UTF-8",
		"A parameter holds a NUL or is not UTF-8: encode it as UTF-8.")
	ValueTooLong = door("value_too_long",
		"{a parameter} is too long: shorten it",
		"A parameter is longer than is taken: shorten it.")
	// No door takes a request with one of these four, whatever its parameters are. The
	// response is 405, 413, 414 or 431, and 404 for the last two.
	WrongMethod = door("wrong_method",
		"this address takes no request of that method: use GET, or POST where it is taken",
		"The door does not take that method (answered 405): have the sender use GET, or POST for a postback.")
	TooLarge = door("too_large",
		"{the request} is too large: shorten it",
		"The URL, body or header is larger than is taken (answered 414, 413 or 431): have the sender leave out what is not needed, such as cookies; the query alone is enough.")
	UnknownPath = door("unknown_path",
		"there is nothing here: send postbacks to the URL that you were given",
		"No door has that path (answered 404): give the sender the token's URL (`integr8 token show`).")
	UnknownPixelDomain = door("unknown_pixel_domain",
		"there is no pixel on this host: use a tracking domain of the account",
		"The pixel was asked of a host that is no tracking domain of an account (answered 404): `integr8 domain create`, or correct the tag.")
	// A tracking link whose offer or publisher is paused sends nobody on. The response
	// is 404, and the click is recorded with one of these.
	OfferPaused = door("offer_paused",
		"this offer is not available at the moment",
		"The offer is paused: resume it, then replay its postbacks, or discard. A refused click cannot be replayed, because its visitor was not sent on: discard it.").orRules().ofSender().ofReference()
	PublisherPaused = door("publisher_paused",
		"this offer is not available at the moment",
		"The publisher is paused: resume it, then replay its postbacks, or discard. A refused click cannot be replayed, because its visitor was not sent on: discard it.").orRules().ofSender().ofReference()
)

// A door raises these when it refuses a request for the value of a parameter,
// without a lookup. The response is 400.
var (
	MissingTransactionID = value("missing_transaction_id",
		"transaction_id is missing: send back the one that came with the visitor in the destination URL",
		"The advertiser fired without a transaction_id: the destination URL must carry {transaction_id}, and the advertiser must hand it back.").ofSender()
	PlaceholderTransaction = value("placeholder_transaction_id",
		"transaction_id is a placeholder that was never filled in: put your system's macro for the click id there",
		"The advertiser sent the placeholder itself: the macro in its postback settings was never filled in: have the advertiser fill it in.").ofSender()
	MalformedTransactionID = value("malformed_transaction_id",
		"{transaction_id} is no id of a click: send back all 32 hexadecimal digits as they came in the destination URL",
		"The transaction_id is not 32 hex digits: check that the advertiser hands it back whole, and no secure token or e-mail address in its place.").ofSender()
	UnverifiedTransactionID = value("unverified_transaction_id",
		"transaction_id was not issued here: send it back exactly as it came in the destination URL",
		"No secret in INTEGR8_SECRET made the transaction_id: a typo, a forgery, another system's id, or a missing secret. Run `integr8 doctor`; once the workers have the secret, replay.").ofSender()
	PlaceholderOrderID = value("placeholder_order_id",
		"order_id is a placeholder that was never filled in: put your system's macro for the order's number there, or leave it out",
		"The order_id is a macro that was never filled in: have the advertiser fill it in, or leave it out where one click converts once.").ofSender()
	PlaceholderExternalID = value("placeholder_external_transaction_id",
		"external_transaction_id is a placeholder that was never filled in: put your system's macro for its own id there, or leave it out",
		"The external_transaction_id is a macro that was never filled in: have the advertiser fill it in.").ofSender()
	MissingOffer = value("missing_offer",
		"offer is missing: send the number of the offer",
		"Name the offer with the offer parameter, or use an offer-level token.").orRules()
	InvalidOffer = value("invalid_offer",
		"offer is not a number: send the number of the offer",
		"The offer parameter must be the offer's number.")
	MissingPublisher = value("missing_publisher",
		"publisher is missing: send the number of the publisher",
		"Name the publisher with the publisher parameter.").orRules()
	InvalidPublisher = value("invalid_publisher",
		"publisher is not a number: send the number of the publisher",
		"The publisher parameter must be the publisher's number.")
	// Doors of earlier versions refused these five. Now the hit goes on, with a note, and
	// the rules reject it where an amount counts.
	InvalidAmount = value("invalid_amount",
		"{an amount} is not an amount: send a plain decimal number such as 12.50, not negative, below one trillion",
		"revenue and payout must be plain decimal numbers, not negative, below one trillion.").orRules()
	UnknownCurrency = value("unknown_currency",
		"currency is not known: send an ISO 4217 code such as USD",
		"currency must be an ISO 4217 code such as USD.").orRules()
	InvalidConversionIP = value("invalid_conversion_ip",
		"conversion_ip is not an IP address: send an IPv4 or IPv6 address",
		"conversion_ip must be an IPv4 or IPv6 address.")
	InvalidSessionTime = value("invalid_session_time",
		"session_time is not a time: send Unix seconds, Unix milliseconds or RFC 3339",
		"session_time must be Unix seconds, Unix milliseconds or RFC 3339.")
	InvalidEmail = value("invalid_email",
		"user_email is not an e-mail address: send the address, or its SHA-256, SHA-1 or MD5 in hexadecimal",
		"user_email must be an e-mail address or its hash.")
)

// The rules raise these.
var (
	UnknownToken = rule(Rejected, "unknown_token",
		"No such secure token: paste the token's URL (`integr8 token show`), or import the token and replay.").ofSender().ofReference()
	ExpiredToken = rule(Rejected, "expired_token",
		"The secure token is no longer valid: give the advertiser the current URL.").ofSender().ofReference()
	UnknownOffer = rule(Rejected, "unknown_offer",
		"The account has no such offer: correct the number.").ofReference()
	UnknownPublisher = rule(Rejected, "unknown_publisher",
		"The account has no such publisher: create it and replay, or correct the link.").ofReference()
	WrongOffer = rule(Rejected, "wrong_offer",
		"An offer-level token was used for another offer: give the advertiser that offer's URL or the global one.")
	WrongAccount = rule(Rejected, "wrong_account",
		"The click belongs to another account: the advertiser mixed up two accounts' URLs.").ofSender()
	WrongDomain = rule(Rejected, "wrong_domain",
		"The pixel was served from another account's tracking domain.").ofSender()
	WrongPurpose = rule(Rejected, "wrong_purpose",
		"The secure token was made for another way in: use the URL or tag of this one (`integr8 token show`).").ofSender()
	TestOfRealClick = rule(Rejected, "test_of_real_click",
		"A postback that is marked as a test named a visitor's click, which it does not use up: the real postback still converts. Send tests about clicks of tests: see `integr8 test`.")
	OutsideWindow = rule(Rejected, "outside_window",
		"The conversion came after the offer's attribution window: widen it and replay, or discard.")
	UnsupportedEvent = rule(Rejected, "unsupported_event",
		"Another event than the offer's base conversion, which is all that converts. If it means that one: `integr8 offer edit ID --base-words WORD` (or `--ignore-params NAME`), then replay; else discard.").ofSender()
	UnsupportedStatus = rule(Rejected, "unsupported_status",
		"No approved conversion, by what the sender says of it. If it is approved: `integr8 offer edit ID --base-words WORD` (or `--ignore-params NAME`), then replay; else discard.").ofSender()
	MissingOrderID = rule(Rejected, "missing_order_id",
		"The offer takes several conversions a click and so needs an order_id with each: have the advertiser send it.")
	MissingRevenue = rule(Rejected, "missing_revenue",
		"The offer's terms are a percentage of the revenue, and none was sent: have the advertiser send revenue; or give the offer fixed terms and replay.")
	RevenueNotCounted = rule(Rejected, "revenue_not_counted",
		"The terms are a percentage, and this hit's revenue does not count. Clickless: a token for clickless or `integr8 offer edit --own-amounts`, up to its ceiling; pixel: a postback instead. Then replay.").ofSender()
	CurrencyMismatch = rule(Rejected, "currency_mismatch",
		"The amount was sent in another currency than the offer's: amounts are never converted. Have the advertiser send the offer's.")
	AmountTooLarge = rule(Rejected, "amount_too_large",
		"The amount that results is one trillion or more: check the sent revenue and the percentage.")
	DuplicateSameURL = rule(Duplicate, "duplicate_same_url",
		"The conversion was recorded before, by the same kind of URL: nothing to do. Another order of the same click counts only where the offer has `--many-per-click`.")
	DuplicateOtherURL = rule(Duplicate, "duplicate_other_url",
		"The conversion was recorded before by the other URL form: have the advertiser keep either the global or the offer-level postback.")
	DuplicateOrder = rule(Duplicate, "duplicate_order",
		"The offer pays an order_id once, and another conversion has this one. If they were two sales: have the advertiser send another order_id with each; else nothing to do.")
	ClickNotYet = rule(Waiting, "click_not_yet",
		"The click has not been written yet: it is matched as soon as it is.")
	ClickNeverCame = rule(Unmatched, "click_never_came",
		"No click came within the late-click window: a click that is still written decides the hit anew, by itself; or discard.")
	ClickExpired = rule(Rejected, "click_expired",
		"The transaction_id is genuine, but the clicks of its day were dropped by retention: discard, or see `integr8 retention show`.")
)

// A worker or the broker raises these when it gives a message up.
var (
	// Every attempt failed, or the first one for good.
	HandlerFailed = machinery("handler_failed",
		"Handling failed: read the error and after how many attempts, mend its cause and replay.")
	// The broker gave up: no worker that was given the message ever finished with it.
	DeliveryLimit = machinery("delivery_limit",
		"The broker delivered the message again and again, and no worker finished with it: look for a crash or lost connections at that time, then replay.")
	// The message outlived a time to live, which our work queues do not have, before a
	// worker took it.
	MessageExpired = machinery("message_expired",
		"The message outlived a time to live that somebody else set on the broker: `integr8 doctor`; remove the policy (message-ttl) or the publisher's expiration, then replay.")
	// The broker dropped the message from a queue that had reached a length at which
	// ours would refuse new ones.
	QueueOverflow = machinery("queue_overflow",
		"The broker dropped the message from a full queue, by a policy that somebody else set: `integr8 doctor`; remove it (overflow drop-head), then replay.")
	// A consumer threw the message away, which workers never do.
	MessageRefused = machinery("message_refused",
		"A consumer rejected the message, which workers never do: find out who else consumes from the queue, then replay.")
	// Neither a worker nor the broker says why the message is in the dead queue.
	Unexplained = machinery("unexplained",
		"Nothing says why the message was in the dead queue: find out who else publishes to it, then replay.")
	// The message is not a hit.
	Undecodable = machinery("undecodable",
		"The message is no hit that this version can read: find out who else publishes to the queue, or run the version that wrote it.")
)
