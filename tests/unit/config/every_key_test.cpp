// Feeds every declared key, found through the declarations, a value of a wrong
// type, an empty one and one out of range, and expects an error that names it.
#include "config/configuration.hpp"
#include "config/fields.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bearward::config {
namespace {

using kind = shape::kind;

/// A declared key: the path in messages, and the text around its value that makes
/// a document of one line.
struct declared_key {
    std::string path;
    std::string before;
    std::string after;
    const shape* form = nullptr;
};

/// What to write in a section so that only the key under test is wrong doesn't
/// matter: other errors are allowed, the key's own is demanded.
void collect(const section_shape& section, const declared_key& at, int depth, std::vector<declared_key>& out);

void descend(const shape& form, const declared_key& at, int depth, std::vector<declared_key>& out) {
    switch (form.type) {
    case kind::section:
        if (depth < 4) {
            collect(form.fields(), at, depth + 1, out);
        }
        break;
    case kind::list:
        descend(form.parts.front(), {at.path + "[0]", at.before + "[", "]" + at.after, &form}, depth, out);
        break;
    case kind::map:
        descend(form.parts.front(), {at.path + ".name", at.before + "{name: ", "}" + at.after, &form}, depth, out);
        break;
    case kind::choice:
        for (const shape& each : form.parts) {
            if (each.type == kind::section) {
                descend(each, at, depth, out);
            }
        }
        break;
    default:
        break;
    }
}

void collect(const section_shape& section, const declared_key& at, int depth, std::vector<declared_key>& out) {
    for (const field_shape& each : section.fields) {
        const std::string tag = each.only_with.empty() ? std::string() : section.deciding + ": " + each.only_with.front() + ", ";
        declared_key key{at.path.empty() ? each.name : at.path + "." + each.name, at.before + "{" + tag + each.name + ": ", "}" + at.after,
                         &each.form};
        out.push_back(key);
        descend(each.form, key, depth, out);
    }
}

std::vector<declared_key> every_key() {
    std::vector<declared_key> keys;
    collect(document_fields().form(), {}, 0, keys);
    return keys;
}

/// Whether a document with this value has an error at the key or inside of it.
bool refused(const declared_key& key, const std::string& value) {
    load_options options;
    options.offline = true;
    const load_result result = load_text(key.before + value + key.after, "test.yaml", options);
    EXPECT_FALSE(result.loaded.has_value());
    return std::ranges::any_of(result.diagnostics, [&](const diagnostic& each) {
        return each.severity == diagnostic::kind::error && each.key_path.starts_with(key.path) && !each.message.starts_with("required, ");
    });
}

bool accepts(const shape& form, kind wanted) {
    return form.type == wanted ||
           (form.type == kind::choice && std::ranges::any_of(form.parts, [&](const shape& each) { return accepts(each, wanted); }));
}

std::vector<std::string> wrong_types(const shape& form) {
    std::vector<std::string> values;
    if (!accepts(form, kind::list)) {
        values.emplace_back("[1]");
    }
    if (!accepts(form, kind::map) && !accepts(form, kind::section) && !accepts(form, kind::object)) {
        values.emplace_back("{a: b}");
    }
    const bool takes_true = accepts(form, kind::boolean) || accepts(form, kind::scalar);
    if (!takes_true) {
        values.emplace_back("true");
    }
    return values;
}

TEST(every_key, of_the_supported_ones_is_declared) {
    const auto keys = every_key();
    EXPECT_GE(keys.size(), 120U);
    for (const char* path :
         {"version", "listen[0].address", "upstreams.name.idle_timeout", "providers.name.keys.secret.env",
          "routes[0].websocket.reject_with", "routes[0].require.claims", "policies.name.not.roles", "limits.max_token"}) {
        EXPECT_TRUE(std::ranges::any_of(keys, [&](const declared_key& each) { return each.path == path; })) << path;
    }
}

TEST(every_key, refuses_values_of_another_type) {
    for (const declared_key& key : every_key()) {
        for (const std::string& value : wrong_types(*key.form)) {
            EXPECT_TRUE(refused(key, value)) << key.path << ": " << value;
        }
    }
}

TEST(every_key, refuses_nothing_and_empty_text) {
    for (const declared_key& key : every_key()) {
        for (const char* value : {"", "~", "null", "''"}) {
            EXPECT_TRUE(refused(key, value)) << key.path << ": " << value;
        }
    }
}

TEST(every_key, refuses_values_out_of_range) {
    std::size_t ranges = 0;
    for (const declared_key& key : every_key()) {
        std::vector<std::string> values;
        switch (key.form->type) {
        case kind::integer:
            values = {"-1", "9223372036854775807", "99999999999999999999", "1.5", "0x10"};
            break;
        case kind::fraction:
            values = {"-0.1", "-0.0", "1.0001", "2", "1e1", ".nan", ".inf", "0x1", "10%", "1/10", "\"0.5\""};
            break;
        case kind::duration:
            values = {"-1s", "9000000h", "9223372036854775807h", "1.5s", "10", "1 s", "1d"};
            break;
        case kind::size:
            values = {"-1", "2097152GiB", "9223372036854775807GiB", "1.5KiB", "10kb"};
            if (*key.form->least > 1) {
                values.emplace_back("1");
            }
            break;
        case kind::word:
            values = {"nonsense", "\"\""};
            break;
        case kind::boolean:
            values = {"yes", "on", "1", "\"true\"", "True"};
            break;
        case kind::list:
            if (*key.form->least > 0) {
                values = {"[]"};
            }
            break;
        case kind::map:
            if (*key.form->least > 0) {
                values = {"{}"};
            }
            break;
        default:
            break;
        }
        for (const std::string& value : values) {
            ++ranges;
            EXPECT_TRUE(refused(key, value)) << key.path << ": " << value;
        }
    }
    EXPECT_GE(ranges, 100U);
}

TEST(every_key, says_what_it_does) {
    for (const declared_key& key : every_key()) {
        EXPECT_FALSE(key.form->expected.empty()) << key.path;
    }
}

} // namespace
} // namespace bearward::config
