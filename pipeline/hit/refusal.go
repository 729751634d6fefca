package hit

// Refusal says what a door saw to be wrong with a request, without any
// lookup. The handlers record it as the hit's reason under the same name.
type Refusal string

// Every refusal of a door.
const (
	MissingToken            Refusal = "missing_token"
	MissingTransactionID    Refusal = "missing_transaction_id"
	PlaceholderTransaction  Refusal = "placeholder_transaction_id"
	MalformedTransactionID  Refusal = "malformed_transaction_id"
	UnverifiedTransactionID Refusal = "unverified_transaction_id"
	PlaceholderOrderID      Refusal = "placeholder_order_id"
	PlaceholderExternalID   Refusal = "placeholder_external_transaction_id"
	MissingOffer            Refusal = "missing_offer"
	InvalidOffer            Refusal = "invalid_offer"
	MissingPublisher        Refusal = "missing_publisher"
	InvalidPublisher        Refusal = "invalid_publisher"
	RepeatedParameter       Refusal = "repeated_parameter"
	MalformedRequest        Refusal = "malformed_request" // broken percent-encoding or body
	InvalidText             Refusal = "invalid_text"      // NUL or not UTF-8
	ValueTooLong            Refusal = "value_too_long"
	// What no door takes, whatever its parameters are: answered 405, 413 or 414,
	// and 404.
	WrongMethod        Refusal = "wrong_method"
	TooLarge           Refusal = "too_large"
	UnknownPath        Refusal = "unknown_path"
	UnknownPixelDomain Refusal = "unknown_pixel_domain"
	// Doors of earlier versions refused these. Now the hit goes on, with a note,
	// and the rules reject it where the amount counts.
	InvalidAmount       Refusal = "invalid_amount"
	UnknownCurrency     Refusal = "unknown_currency"
	InvalidConversionIP Refusal = "invalid_conversion_ip"
	InvalidSessionTime  Refusal = "invalid_session_time"
	InvalidEmail        Refusal = "invalid_email"
	// A tracking link whose offer or publisher is paused sends nobody on: it
	// is answered 404, and the click is recorded with one of these.
	OfferPaused     Refusal = "offer_paused"
	PublisherPaused Refusal = "publisher_paused"
)

// Refusals lists every refusal, in the order above.
func Refusals() []Refusal {
	return []Refusal{
		MissingToken, MissingTransactionID, PlaceholderTransaction, MalformedTransactionID,
		UnverifiedTransactionID, PlaceholderOrderID, PlaceholderExternalID, MissingOffer, InvalidOffer, MissingPublisher, InvalidPublisher,
		RepeatedParameter, MalformedRequest, InvalidText, InvalidAmount, UnknownCurrency,
		InvalidConversionIP, InvalidSessionTime, InvalidEmail, ValueTooLong,
		WrongMethod, TooLarge, UnknownPath, UnknownPixelDomain, OfferPaused, PublisherPaused,
	}
}

// Text is one line that tells the sender what is wrong and what to send
// instead. The subject says what it is about, in words of ours and never of
// the sender's: a parameter of the contract, or a part of the request. Where
// it is empty a general word stands in.
func (r Refusal) Text(subject string) string {
	about := func(general string) string {
		if subject == "" {
			return general
		}
		return subject
	}
	switch r {
	case MissingToken:
		return "the secure token is missing: send it as the parameter secure, as in the URL that you were given"
	case MissingTransactionID:
		return "transaction_id is missing: send back the one that came with the visitor in the destination URL"
	case PlaceholderTransaction:
		return "transaction_id is a placeholder that was never filled in: put your system's macro for the click id there"
	case MalformedTransactionID:
		return "transaction_id is not one of ours: send back all 32 hexadecimal digits as they came in the destination URL"
	case UnverifiedTransactionID:
		return "transaction_id was not issued here: send it back exactly as it came in the destination URL"
	case PlaceholderOrderID:
		return "order_id is a placeholder that was never filled in: put your system's macro for the order's number there, or leave it out"
	case PlaceholderExternalID:
		return "external_transaction_id is a placeholder that was never filled in: put your system's macro for its own id there, or leave it out"
	case MissingOffer:
		return "offer is missing: send the number of the offer"
	case InvalidOffer:
		return "offer is not a number: send the number of the offer"
	case MissingPublisher:
		return "publisher is missing: send the number of the publisher"
	case InvalidPublisher:
		return "publisher is not a number: send the number of the publisher"
	case RepeatedParameter:
		return about("a parameter") + " was sent more than once: send each parameter once, counting the query and the body together"
	case MalformedRequest:
		return about("the request") + " cannot be read: percent-encode every value, and match the body to its Content-Type"
	case InvalidText:
		return about("a parameter") + " holds a NUL or is not UTF-8: send text encoded as UTF-8"
	case InvalidAmount:
		return about("an amount") + " is not an amount: send a plain decimal number such as 12.50, not negative, below one trillion"
	case UnknownCurrency:
		return "currency is not known: send an ISO 4217 code such as USD"
	case InvalidConversionIP:
		return "conversion_ip is not an IP address: send an IPv4 or IPv6 address"
	case InvalidSessionTime:
		return "session_time is not a time: send Unix seconds, Unix milliseconds or RFC 3339"
	case InvalidEmail:
		return "user_email is not an e-mail address: send the address, or its SHA-256, SHA-1 or MD5 in hexadecimal"
	case ValueTooLong:
		return about("a parameter") + " is too long: shorten it"
	case WrongMethod:
		return "this address takes no request of that method: use GET, or POST where it is taken"
	case TooLarge:
		return about("the request") + " is too large: shorten it"
	case UnknownPath:
		return "there is nothing here: send postbacks to the URL that you were given"
	case UnknownPixelDomain:
		return "there is no pixel on this host: use a tracking domain of the account"
	case OfferPaused, PublisherPaused:
		return "this offer is not available at the moment"
	}
	return "the request is refused"
}
