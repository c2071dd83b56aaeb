#include "config/codec.hpp"

#include "config/encoding.hpp"
#include "config/scalars.hpp"
#include "config/suggestion.hpp"

namespace bearward::config {

namespace {

std::string show_number(const shape& form, std::int64_t value) {
    switch (form.type) {
    case shape::kind::duration:
        return show_duration(milliseconds(value));
    case shape::kind::size:
        return show_size(value);
    default:
        return std::to_string(value);
    }
}

/// A number with or without unit. What `parse` takes is checked against the limits.
codec<std::int64_t> number(shape form, std::function<std::optional<std::int64_t>(std::string_view)> parse) {
    codec<std::int64_t> made;
    made.form = std::move(form);
    made.read = [parse = std::move(parse), shaped = made.form](reading& state, const cursor& at, std::int64_t& out) {
        const node& value = at.value;
        const bool quoted_number = shaped.type == shape::kind::integer && !value.plain && !value.substituted;
        const auto number = value.type == node::kind::scalar && !quoted_number ? parse(value.text) : std::nullopt;
        if (!number) {
            return refuse(state, at, shaped);
        }
        if (!check_limits(state, at, shaped, *number)) {
            return false;
        }
        out = *number;
        return true;
    };
    made.show = [shaped = made.form](const std::int64_t& value) -> boost::json::value {
        return shaped.type == shape::kind::integer ? boost::json::value(value) : boost::json::value(show_number(shaped, value));
    };
    return made;
}

shape limited(shape::kind type, std::string expected, std::int64_t least, std::int64_t most) {
    shape form;
    form.type = type;
    form.expected = std::move(expected);
    form.least = least;
    form.most = most;
    return form;
}

/// What to write instead, where that is plain; empty: nothing known.
std::string hint(const node& value, const shape& expected) {
    if (expected.type == shape::kind::list && value.type == node::kind::map) {
        return "; in a list `- ` stands before each entry";
    }
    if (expected.type == shape::kind::list && value.type == node::kind::scalar && !value.substituted && !value.text.empty()) {
        const shape& part = expected.parts.front();
        const shape::kind entry = part.type == shape::kind::choice ? part.parts.front().type : part.type;
        const bool text = entry == shape::kind::text || entry == shape::kind::word || entry == shape::kind::scalar;
        const bool bare = value.plain && value.text.find_first_of(",[]{}") == std::string::npos && value.text.size() <= 64;
        return text ? bare ? "; write [" + escape_for_message(value.text) + ']' : "; write it in [ ]" : "";
    }
    const bool braces = value.type == node::kind::map && value.entries.size() == 1 && value.entries[0].value.type == node::kind::null;
    if (braces && expected.type != shape::kind::list) {
        return "; text in braces needs quotes: \"{" + escape_for_message(value.entries[0].key.text, 64) + "}\"";
    }
    return {};
}

} // namespace

bool refuse(reading& state, const cursor& at, const shape& expected) {
    if (at.value.type == node::kind::broken) {
        return false;
    }
    // What stands where a map belongs may be a secret in the wrong place.
    const bool hidden = expected.secret || expected.type == shape::kind::section || expected.type == shape::kind::map;
    const bool quoted = at.value.type == node::kind::scalar && !at.value.plain && !at.value.substituted;
    std::string found = hidden && at.value.type == node::kind::scalar ? "; found text" : describe(at.value);
    if (quoted && (expected.type == shape::kind::integer || expected.type == shape::kind::boolean)) {
        found += " in quotes, which is text";
    }
    return state.error(at, "expected " + expected.expected + found + (hidden ? std::string() : hint(at.value, expected)));
}

bool check_limits(reading& state, const cursor& at, const shape& limits, std::int64_t value) {
    if ((limits.least && value < *limits.least) || (limits.most && value > *limits.most)) {
        if (limits.least == limits.most) {
            return state.error(at, "must be " + show_number(limits, *limits.least) + describe(at.value));
        }
        return state.error(at, "must be between " + show_number(limits, *limits.least) + " and " + show_number(limits, *limits.most) +
                                   describe(at.value));
    }
    return true;
}

codec<bool> boolean() {
    codec<bool> made;
    made.form.type = shape::kind::boolean;
    made.form.expected = "true or false";
    made.read = [form = made.form](reading& state, const cursor& at, bool& out) {
        const bool readable = at.value.type == node::kind::scalar && (at.value.plain || at.value.substituted);
        const auto value = readable ? parse_boolean(at.value.text) : std::nullopt;
        if (!value) {
            const bool word = at.value.type == node::kind::scalar && !at.value.substituted && !parse_boolean(at.value.text);
            const auto meant = word ? boolean_meant(at.value.text) : std::nullopt;
            return meant ? state.error(at, "expected " + form.expected + describe(at.value) + "; did you mean " +
                                               (*meant ? "true" : "false") + "?")
                         : refuse(state, at, form);
        }
        out = *value;
        return true;
    };
    made.show = [](const bool& value) -> boost::json::value { return value; };
    return made;
}

codec<milliseconds> duration(milliseconds least, milliseconds most) {
    auto raw = number(limited(shape::kind::duration, "a duration such as 250ms, 30s, 5m or 1h", least.count(), most.count()),
                      [](std::string_view written) {
                          const auto value = parse_duration(written);
                          return value ? std::optional<std::int64_t>(value->count()) : std::nullopt;
                      });
    return converted<milliseconds, std::int64_t>(
        std::move(raw), [](std::int64_t value) { return milliseconds(value); },
        [](const milliseconds& value) { return static_cast<std::int64_t>(value.count()); });
}

codec<std::int64_t> whole_number(std::int64_t least, std::int64_t most) {
    return number(limited(shape::kind::integer, "a whole number", least, most),
                  [](std::string_view written) { return parse_integer(written); });
}

codec<std::size_t> size(std::size_t least, std::size_t most) {
    auto raw = number(
        limited(shape::kind::size, "a size such as 512, 16KiB or 1MiB", static_cast<std::int64_t>(least), static_cast<std::int64_t>(most)),
        [](std::string_view written) { return parse_size(written); });
    return converted<std::size_t, std::int64_t>(
        std::move(raw), [](std::int64_t value) { return static_cast<std::size_t>(value); },
        [](const std::size_t& value) { return static_cast<std::int64_t>(value); });
}

codec<std::string> text(std::string expected) {
    codec<std::string> made;
    made.form.type = shape::kind::text;
    made.form.expected = std::move(expected);
    made.read = [form = made.form](reading& state, const cursor& at, std::string& out) {
        if (at.value.type == node::kind::scalar && !is_text(at.value)) {
            return state.error(at, "expected " + form.expected + describe(at.value) + ", which isn't text without quotes");
        }
        if (at.value.type != node::kind::scalar) {
            return refuse(state, at, form);
        }
        if (at.value.text.empty()) {
            return state.error(at, "expected " + form.expected + "; found empty text");
        }
        for (const char letter : at.value.text) {
            if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F) {
                return state.error(at, "control characters may not stand here" + describe(at.value));
            }
        }
        out = at.value.text;
        return true;
    };
    made.show = [](const std::string& value) -> boost::json::value { return boost::json::value(value); };
    return made;
}

bool is_scalar(const node& value) {
    return value.type == node::kind::scalar;
}

bool is_list(const node& value) {
    return value.type == node::kind::sequence;
}

bool is_map(const node& value) {
    return value.type == node::kind::map;
}

std::function<bool(const node&)> is_word(std::string word) {
    return [word = std::move(word)](const node& value) { return value.type == node::kind::scalar && value.text == word && is_text(value); };
}

} // namespace bearward::config
