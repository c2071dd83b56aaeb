#include "config/json_schema.hpp"

#include "config/fields.hpp"
#include "config/scalars.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace bearward::config {

namespace {

namespace json = boost::json;

json::array to_array(const std::vector<std::string>& words) {
    return json::array(words.begin(), words.end());
}

/// A word that YAML takes for a number without quotes (1.2) is taken as one too.
json::array to_enumeration(const std::vector<std::string>& words) {
    json::array values = to_array(words);
    for (const std::string& word : words) {
        if (type_of_plain(word) != scalar_type::text) {
            boost::system::error_code failed;
            if (json::value number = json::parse(word, failed); !failed && number.is_number()) {
                values.push_back(std::move(number));
            }
        }
    }
    return values;
}

class schema_maker {
public:
    [[nodiscard]] json::object make() {
        json::object made = make_section(document_fields().form());
        // What is missing here may stand in the files that are included.
        if (const json::value required = made.at("required"); made.erase("required") != 0) {
            made["if"] = {{"required", {"include"}}};
            made["then"] = json::object{};
            made["else"] = {{"required", required}};
            if (const auto* const groups = made.if_contains("allOf")) {
                made["else"].as_object()["allOf"] = *groups;
                made.erase("allOf");
            }
        }
        // Draft 7 is what editors and validators take without being asked to.
        made["$schema"] = "http://json-schema.org/draft-07/schema#";
        made["title"] = "Bearward";
        made["definitions"] = std::move(definitions_);
        return made;
    }

private:
    [[nodiscard]] json::object make_shape(const shape& form) {
        switch (form.type) {
        case shape::kind::boolean:
            return {{"type", "boolean"}};
        case shape::kind::integer:
            return {{"type", "integer"}, {"minimum", *form.least}, {"maximum", *form.most}};
        case shape::kind::fraction:
            return {{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
        case shape::kind::duration:
            return either({{"const", 0}}, {{"type", "string"}, {"pattern", "^(0|[0-9]+(ms|s|m|h))$"}});
        case shape::kind::size:
            return either({{"type", "integer"}, {"minimum", *form.least}, {"maximum", *form.most}},
                          {{"type", "string"}, {"pattern", "^[0-9]+(KiB|MiB|GiB)?$"}});
        case shape::kind::word:
            return {{"enum", to_enumeration(form.words)}};
        case shape::kind::text:
            return {{"type", "string"}, {"minLength", 1}};
        case shape::kind::scalar:
            return {{"anyOf",
                     json::array{json::object{{"type", "string"}}, json::object{{"type", "number"}}, json::object{{"type", "boolean"}}}}};
        case shape::kind::list:
            return {{"type", "array"}, {"items", make_shape(form.parts.front())}, {"minItems", form.least.value_or(0)}};
        case shape::kind::map:
            return {
                {"type", "object"}, {"additionalProperties", make_shape(form.parts.front())}, {"minProperties", form.least.value_or(0)}};
        case shape::kind::object:
            return {{"type", "object"}};
        case shape::kind::section:
            return refer_to(form);
        case shape::kind::choice:
            break;
        }
        json::array alternatives;
        for (const shape& each : form.parts) {
            alternatives.push_back(make_shape(each));
        }
        return {{"anyOf", std::move(alternatives)}};
    }

    [[nodiscard]] static json::object either(json::object left, json::object right) {
        return {{"anyOf", json::array{std::move(left), std::move(right)}}};
    }

    /// Sections are defined once and by name: a requirement holds requirements.
    [[nodiscard]] json::object refer_to(const shape& form) {
        if (!definitions_.contains(form.name)) {
            definitions_[form.name] = nullptr; // taken, while it is being made
            json::object made = make_section(form.fields());
            definitions_[form.name] = std::move(made);
        }
        return {{"$ref", "#/definitions/" + form.name}};
    }

    [[nodiscard]] json::object make_section(const section_shape& section) {
        json::object properties;
        std::vector<std::string> required;
        for (const field_shape& each : section.fields) {
            json::object property = make_shape(each.form);
            property["description"] = each.doc;
            if (!each.preset.is_null() && !each.required && !each.preset.is_object()) {
                property["default"] = each.preset;
            }
            properties[each.name] = std::move(property);
            if (each.required && each.needless_with.is_null() && each.only_with.empty() && each.never_with.empty()) {
                required.push_back(each.name);
            }
        }
        json::object made{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
        if (!required.empty()) {
            made["required"] = to_array(required);
        }
        json::array groups;
        for (const field_shape& each : section.fields) {
            if (!each.needless_with.is_null()) {
                const json::object there{{"required", json::array{json::value(each.name)}}};
                groups.push_back(json::object{{"anyOf", json::array{each.needless_with, there}}});
            }
        }
        for (const auto& group : section.one_of) {
            json::array one;
            for (const std::string& name : group) {
                one.push_back(json::object{{"required", json::array{json::value(name)}}});
            }
            groups.push_back(json::object{{"oneOf", std::move(one)}});
        }
        append_tagged(section, groups);
        if (!groups.empty()) {
            made["allOf"] = std::move(groups);
        }
        return made;
    }

    [[nodiscard]] static bool is_key_with(const field_shape& field, const std::string& tag) {
        const auto names = [&tag](const std::vector<std::string>& tags) { return std::ranges::find(tags, tag) != tags.end(); };
        return (field.only_with.empty() || names(field.only_with)) && !names(field.never_with);
    }

    /// What each word of the deciding key demands and forbids of the others.
    static void append_tagged(const section_shape& section, json::array& groups) {
        const bool tagged = std::ranges::any_of(
            section.fields, [](const field_shape& each) { return !each.only_with.empty() || !each.never_with.empty(); });
        const auto deciding = std::ranges::find(section.fields, section.deciding, &field_shape::name);
        if (!tagged || deciding == section.fields.end()) {
            return;
        }
        for (const std::string& tag : deciding->form.words) {
            json::object forbidden;
            std::vector<std::string> required;
            for (const field_shape& each : section.fields) {
                if (!is_key_with(each, tag)) {
                    forbidden[each.name] = false;
                } else if (each.required) {
                    required.push_back(each.name);
                }
            }
            json::object condition{{"properties", {{section.deciding, {{"const", tag}}}}}};
            if (deciding->preset != json::value(tag)) { // else it may be left out
                condition["required"] = json::array{json::value(section.deciding)};
            }
            groups.push_back(json::object{{"if", std::move(condition)},
                                          {"then", {{"properties", std::move(forbidden)}, {"required", to_array(required)}}}});
        }
    }

    json::object definitions_;
};

} // namespace

json::object make_json_schema() {
    return schema_maker().make();
}

} // namespace bearward::config
