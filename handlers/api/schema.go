package api

import (
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"integr8/handlers/operate/history"
)

// schemaName names the schema of a type: its package and its name, since several packages
// have a Hit. A type of this package, and a generic one, has its own name alone.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	from := path.Base(t.PkgPath())
	if from == "." || from == "api" || from == "operate" {
		return name
	}
	return strings.ToUpper(from[:1]) + from[1:] + name
}

// nullPointers makes the schemas say where a value may be null, which the library does for
// pointers to scalars only.
func nullPointers(schemas huma.Registry) {
	for name, schema := range schemas.Map() {
		t := schemas.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for _, field := range reflect.VisibleFields(t) {
			key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			property := schema.Properties[key]
			if property == nil || strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero") {
				continue
			}
			switch {
			case field.Type == reflect.TypeFor[decimal.NullDecimal]():
				property.Nullable = true
			case field.Type.Kind() == reflect.Pointer && property.Ref != "":
				schema.Properties[key] = &huma.Schema{AnyOf: []*huma.Schema{{Ref: property.Ref}, {Type: "null"}}}
			case field.Type.Kind() == reflect.Pointer:
				property.Nullable = true
			}
			if t := field.Type; t == reflect.TypeFor[uuid.UUID]() || t == reflect.TypeFor[*uuid.UUID]() {
				property.Format = "uuid"
			}
		}
	}
}

// historyObjects makes the schema of the history say that old and new values are objects.
func historyObjects(schemas huma.Registry) {
	entry := schemas.Map()[schemaName(reflect.TypeFor[history.Entry](), "")]
	for _, values := range []string{"old", "new"} {
		entry.Properties[values] = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
	}
}
