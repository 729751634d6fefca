package receiver

import (
	"encoding/xml"
	"io"
	"strings"

	"integr8/pipeline/hit"
)

// xmlElement is an open element.
type xmlElement struct {
	// path is the name of the element, and inner the prefix of the names of its children
	// and attributes. The root is not part of these names.
	path, inner string
	// named is the path of an element whose attributes make it a parameter, as in
	// <param name="status">; empty for any other element.
	named string
	text  strings.Builder
}

// addXMLQualifiers adds the qualifiers among the elements and attributes of XML. Their
// names are the paths to them. It reports whether it could parse the whole body. It reads
// a body once, and expands only the entities of XML itself.
func (in *request) addXMLQualifiers(body []byte) (whole bool) {
	decoder := xml.NewDecoder(strings.NewReader(strings.ToValidUTF8(string(body), "\uFFFD")))
	decoder.Strict = false
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	var open []*xmlElement
	for {
		token, err := decoder.RawToken()
		if err != nil {
			return err == io.EOF && len(open) == 0 // the decoder does not wrap io.EOF
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) == 0 && strings.EqualFold(token.Name.Local, "html") {
				return true // a web page, whose words are for people
			}
			open = append(open, in.openXML(open, token))
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text.Write(token)
			}
		case xml.EndElement:
			if len(open) > 0 {
				last := open[len(open)-1]
				open = open[:len(open)-1]
				in.addXMLText(last.path, last.text.String())
				in.addXMLText(last.named, last.text.String())
			}
		}
	}
}

func (in *request) openXML(open []*xmlElement, start xml.StartElement) *xmlElement {
	e := &xmlElement{path: start.Name.Local}
	outer := ""
	if len(open) > 0 {
		outer = open[len(open)-1].inner
		e.path = pathOf(outer, start.Name.Local)
		e.inner = e.path
	}
	value := ""
	for _, attribute := range start.Attr {
		in.addXMLText(pathOf(e.inner, attribute.Name.Local), attribute.Value)
		switch strings.ToLower(attribute.Name.Local) {
		case "name", "key":
			e.named = pathOf(outer, attribute.Value)
		case "value":
			value = attribute.Value
		}
	}
	in.addXMLText(e.named, value)
	return e
}

// addXMLText adds the text of an element or an attribute that is a qualifier. It ignores
// an empty text.
func (in *request) addXMLText(name, text string) {
	if text = hit.Trim(text); name == "" || text == "" {
		return
	}
	in.addNestedValue(name, text)
}
