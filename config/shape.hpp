// What may be written, as data. Each setting is declared once, with a reader
// (codec.hpp) and this; the schema, the reference page and the messages come
// from here.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bearward::config {

struct section_shape;

struct shape {
    enum class kind : std::uint8_t {
        boolean,
        integer,
        fraction, ///< a number from 0 to 1
        duration, ///< milliseconds
        size,     ///< bytes
        word,
        text,
        scalar, ///< text, a number, true or false
        list,
        map,     ///< free keys, equal values
        section, ///< declared keys
        object,  ///< a map whose keys belong to another format
        choice,  ///< one of `parts`
    };
    kind type = kind::text;
    std::string expected;                         ///< "a duration such as 30s": after "expected"
    std::optional<std::int64_t> least;            ///< of a number, duration or size; how many of a list or map
    std::optional<std::int64_t> most;             ///< of a number, duration or size
    std::vector<std::string> words;               ///< accepted words
    std::vector<std::string> not_yet;             ///< planned words without behaviour so far
    std::vector<shape> parts;                     ///< of a list or map: its element's; of a choice: the alternatives
    std::string name;                             ///< of a section: unique; refers to it where sections nest in themselves
    std::function<const section_shape&()> fields; ///< of a section
    bool secret = false;                          ///< never shown
};

struct field_shape {
    std::string name;
    std::string doc;
    shape form;
    bool required = false;
    boost::json::value preset;             ///< the default; null: absent
    std::vector<std::string> only_with{};  ///< the words of the deciding key with which it is one; empty: all
    std::vector<std::string> never_with{}; ///< those with which it is none
    boost::json::value needless_with{};    ///< of a required one: the JSON schema of sections that do without; null: none do
};

struct section_shape {
    std::vector<field_shape> fields;
    std::vector<std::string> not_yet;             ///< planned keys without behaviour so far
    std::vector<std::vector<std::string>> one_of; ///< exactly one of each group is written
    std::vector<std::string> names;               ///< of the fields
    std::string deciding;                         ///< the key that says which of the others there are; empty: all are
};

} // namespace bearward::config
