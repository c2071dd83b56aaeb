// How values are read: a codec couples the shape of a value with the function
// that reads it into a setting and the one that shows it again. The combinators
// here make larger codecs from smaller ones; section.hpp makes them from fields.
#pragma once

#include "config/reading.hpp"
#include "config/shape.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::config {

template <class T>
struct codec {
    shape form;
    /// False: it complained, and the setting is as it was or half read.
    std::function<bool(reading&, const cursor&, T&)> read;
    /// As JSON, secrets masked; null: absent.
    std::function<boost::json::value(const T&)> show;
};

/// Complains that something else was expected; silent about broken values.
bool refuse(reading& state, const cursor& at, const shape& expected);
/// Complains when a number is out of the shape's limits.
bool check_limits(reading& state, const cursor& at, const shape& limits, std::int64_t value);

/// true or false.
[[nodiscard]] codec<bool> boolean();
[[nodiscard]] codec<milliseconds> duration(milliseconds least, milliseconds most);
[[nodiscard]] codec<std::int64_t> whole_number(std::int64_t least, std::int64_t most);
[[nodiscard]] codec<std::size_t> size(std::size_t least, std::size_t most);
/// Text that isn't empty and has no control characters.
[[nodiscard]] codec<std::string> text(std::string expected = "text");

/// Text with a form of its own. `parse`'s error is a sentence.
template <class T>
[[nodiscard]] codec<T> parsed(std::string expected, std::function<std::expected<T, std::string>(std::string_view)> parse,
                              std::function<boost::json::value(const T&)> show) {
    codec<std::string> raw = text(std::move(expected));
    codec<T> made;
    made.form = raw.form;
    made.read = [raw = std::move(raw), parse = std::move(parse)](reading& state, const cursor& at, T& out) {
        std::string written;
        if (!raw.read(state, at, written)) {
            return false;
        }
        auto value = parse(written);
        if (!value) {
            // A suggestion says all there is to say.
            const bool suggested = value.error().ends_with('?');
            return state.error(at, suggested ? value.error() : value.error() + "; expected " + raw.form.expected + describe(at.value));
        }
        out = std::move(*value);
        return true;
    };
    made.show = std::move(show);
    return made;
}

/// The same value in another type.
template <class T, class From>
[[nodiscard]] codec<T> converted(codec<From> from, std::function<T(From)> make, std::function<From(const T&)> unmake) {
    codec<T> made;
    made.form = from.form;
    made.read = [read = std::move(from.read), make = std::move(make)](reading& state, const cursor& at, T& out) {
        From value{};
        if (!read(state, at, value)) {
            return false;
        }
        out = make(std::move(value));
        return true;
    };
    made.show = [show = std::move(from.show), unmake = std::move(unmake)](const T& value) { return show(unmake(value)); };
    return made;
}

template <class Integer>
[[nodiscard]] codec<Integer> integer(std::int64_t least, std::int64_t most) {
    return converted<Integer, std::int64_t>(
        whole_number(least, most), [](std::int64_t value) { return static_cast<Integer>(value); },
        [](const Integer& value) { return static_cast<std::int64_t>(value); });
}

/// One of a few words. `not_yet`: planned words without behaviour so far (config/BEHAVIOUR.md 1.9).
template <class T>
[[nodiscard]] codec<T> word(const std::vector<std::pair<std::string, T>>& accepted, std::vector<std::string> not_yet = {}) {
    codec<T> made;
    made.form.type = shape::kind::word;
    for (const auto& [name, value] : accepted) {
        made.form.words.push_back(name);
        made.form.expected += (made.form.expected.empty() ? "" : " | ") + name;
    }
    made.form.not_yet = std::move(not_yet);
    made.read = [accepted, form = made.form](reading& state, const cursor& at, T& out) {
        if (at.value.type != node::kind::scalar) {
            return refuse(state, at, form);
        }
        for (const auto& [name, value] : accepted) {
            if (at.value.text == name && is_text(at.value)) {
                out = value;
                return true;
            }
        }
        return state.error(at, at.value.substituted ? "the environment gave another word than " + form.expected
                                                    : refuse_word(at.value.text, form.words, form.not_yet));
    };
    made.show = [accepted](const T& value) -> boost::json::value {
        for (const auto& [name, each] : accepted) {
            if (each == value) {
                return boost::json::value(name);
            }
        }
        return nullptr;
    };
    return made;
}

/// One of the words of a table (policies/word_table.hpp).
template <class Row, std::size_t Size>
[[nodiscard]] codec<decltype(Row::value)> word(const std::array<Row, Size>& table, std::vector<std::string> not_yet = {}) {
    std::vector<std::pair<std::string, decltype(Row::value)>> accepted;
    accepted.reserve(table.size());
    for (const Row& each : table) {
        accepted.emplace_back(each.word, each.value);
    }
    return word<decltype(Row::value)>(accepted, std::move(not_yet));
}

/// A list of at least `least` values.
template <class T>
[[nodiscard]] codec<std::vector<T>> list(const codec<T>& element, std::size_t least = 0) {
    codec<std::vector<T>> made;
    made.form.type = shape::kind::list;
    made.form.expected = "a list; each entry " + element.form.expected;
    made.form.least = static_cast<std::int64_t>(least);
    made.form.parts = {element.form};
    made.read = [element, form = made.form](reading& state, const cursor& at, std::vector<T>& out) {
        if (at.value.type != node::kind::sequence) {
            return refuse(state, at, form);
        }
        if (at.value.items.size() < static_cast<std::size_t>(*form.least)) {
            return state.error(at, "the list is empty; expected " + form.expected);
        }
        out.clear();
        bool good = true;
        std::size_t first = 0; // of those in the same file: each file counts its own
        for (std::size_t i = 0; i < at.value.items.size(); ++i) {
            first = at.value.items[i].file == at.value.items[first].file ? first : i;
            const key_path step{&at.path, {}, i - first};
            T value{};
            const bool read = element.read(state, cursor{at.value.items[i], step}, value);
            good = read && good;
            // A section that is half read is still good for further checks.
            if (read || element.form.type == shape::kind::section) {
                out.push_back(std::move(value));
            }
        }
        return good;
    };
    made.show = [show = element.show](const std::vector<T>& values) -> boost::json::value {
        boost::json::array shown;
        for (const T& each : values) {
            shown.push_back(show(each));
        }
        return shown;
    };
    return made;
}

/// A map with free keys. `name_of` gives the place where an element keeps its key.
template <class T>
[[nodiscard]] codec<std::vector<T>> keyed(const codec<T>& element, const std::string& key, std::size_t least,
                                          const std::function<bool(reading&, const cursor&, std::string_view, T&)>& take_key,
                                          const std::function<std::string(const T&)>& show_key) {
    codec<std::vector<T>> made;
    made.form.type = shape::kind::map;
    made.form.expected = "a map; each key " + key + ", each value " + element.form.expected;
    made.form.least = static_cast<std::int64_t>(least);
    made.form.parts = {element.form};
    made.read = [element, take_key, form = made.form](reading& state, const cursor& at, std::vector<T>& out) {
        if (at.value.type != node::kind::map) {
            return refuse(state, at, form);
        }
        if (at.value.entries.size() < static_cast<std::size_t>(*form.least)) {
            return state.error(at, "the map is empty; expected " + form.expected);
        }
        out.clear();
        bool good = true;
        for (const entry& each : at.value.entries) {
            const key_path step{&at.path, each.key.text, 0};
            const cursor key_at{each.key, step};
            T value{};
            good = take_key(state, key_at, each.key.text, value) && good;
            if constexpr (requires { value.at = place{}; }) {
                value.at = state.place_of(key_at);
            }
            good = element.read(state, cursor{each.value, step}, value) && good;
            out.push_back(std::move(value));
        }
        return good;
    };
    made.show = [show = element.show, show_key](const std::vector<T>& values) -> boost::json::value {
        boost::json::object shown;
        for (const T& each : values) {
            shown.insert_or_assign(show_key(each), show(each));
        }
        return shown;
    };
    return made;
}

/// A value that remembers where it was written.
template <class T>
[[nodiscard]] codec<located<T>> placed(const codec<T>& inner) {
    codec<located<T>> made;
    made.form = inner.form;
    made.read = [read = inner.read](reading& state, const cursor& at, located<T>& out) {
        out.at = state.place_of(at);
        return read(state, at, out.value);
    };
    made.show = [show = inner.show](const located<T>& value) { return show(value.value); };
    return made;
}

/// A setting that may be absent.
template <class T>
[[nodiscard]] codec<std::optional<T>> maybe(const codec<T>& inner) {
    codec<std::optional<T>> made;
    made.form = inner.form;
    made.read = [read = inner.read](reading& state, const cursor& at, std::optional<T>& out) {
        T value{};
        const bool good = read(state, at, value);
        out = std::move(value);
        return good;
    };
    made.show = [show = inner.show](const std::optional<T>& value) -> boost::json::value {
        return value ? show(*value) : boost::json::value(nullptr);
    };
    return made;
}

/// Empty text and lists stand for an absent setting: shown as null.
template <class T>
[[nodiscard]] codec<T> absent_if_empty(codec<T> inner) {
    inner.show = [show = inner.show](const T& value) -> boost::json::value {
        if constexpr (requires { value.value.empty(); }) {
            return value.value.empty() ? boost::json::value(nullptr) : show(value);
        } else {
            return value.empty() ? boost::json::value(nullptr) : show(value);
        }
    };
    return inner;
}

/// One of several forms; the first whose `fits` accepts the node reads it.
template <class T>
struct alternative {
    std::function<bool(const node&)> fits;
    codec<T> with;
};

template <class T>
[[nodiscard]] codec<T> choice(const std::vector<alternative<T>>& alternatives, std::function<boost::json::value(const T&)> show) {
    codec<T> made;
    made.form.type = shape::kind::choice;
    for (const alternative<T>& each : alternatives) {
        made.form.expected += (made.form.expected.empty() ? "" : ", or ") + each.with.form.expected;
        made.form.parts.push_back(each.with.form);
    }
    made.read = [alternatives, form = made.form](reading& state, const cursor& at, T& out) {
        for (const alternative<T>& each : alternatives) {
            if (each.fits(at.value)) {
                return each.with.read(state, at, out);
            }
        }
        return refuse(state, at, form);
    };
    made.show = std::move(show);
    return made;
}

[[nodiscard]] bool is_scalar(const node& value);
[[nodiscard]] bool is_list(const node& value);
[[nodiscard]] bool is_map(const node& value);
[[nodiscard]] std::function<bool(const node&)> is_word(std::string word);

} // namespace bearward::config
