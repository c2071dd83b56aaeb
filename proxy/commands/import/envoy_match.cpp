#include "proxy/commands/import/envoy.hpp"

#include "config/encoding.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
using config::node;

std::optional<std::string> exact_method(const node& header) {
    if (text_at(header, "name") != ":method" || is_true(header, "invert_match")) {
        return std::nullopt;
    }
    std::string method = text_at(header, "exact_match");
    if (const node* const matcher = find(header, "string_match"); matcher != nullptr) {
        method = is_true(*matcher, "ignore_case") ? "" : text_at(*matcher, "exact");
    }
    const bool usual = !method.empty() && method.size() <= 32 && std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; });
    return usual ? std::optional(method) : std::nullopt;
}

fit envoy_match::fits(const slice& of, const std::string& method) const {
    if (!methods.empty() && !methods.contains(method)) {
        return fit::no;
    }
    fit best = fit::no;
    for (const path_pattern& each : paths) {
        best = std::max(best, matches(each, of));
    }
    return best == fit::yes && conditional ? fit::maybe : best;
}

envoy_match read_envoy_match(const node* match, imported& out) {
    envoy_match made;
    const path_pattern anything{path_pattern::kind::unknown, ""};
    if (match == nullptr) {
        made.paths.push_back(anything);
        return made;
    }
    const auto take = [&](const char* key, path_pattern::kind type) {
        if (const node* const text = find(*match, key); text != nullptr) {
            made.paths.push_back(sayable({type, text_of(text)}));
            if (made.paths.back().type == path_pattern::kind::unknown) {
                out.say(text->line, std::string(key) + ": can't be a path of a route here: " + text_of(text));
            }
        }
    };
    if (text_at(*match, "prefix") == "/") {
        made.paths.push_back({path_pattern::kind::prefix, "/"});
    } else {
        take("prefix", path_pattern::kind::prefix);
    }
    take("path", path_pattern::kind::exact);
    take("path_separated_prefix", path_pattern::kind::segments);
    if (const node* const regex = find(*match, "safe_regex"); regex != nullptr) {
        const understood_regex meant = understand_regex(text_at(*regex, "regex"), regex_use::whole);
        for (const path_pattern& each : meant.patterns) {
            made.paths.push_back(sayable(each));
        }
        made.conditional = meant.narrowed;
        if (made.conditional ||
            std::ranges::any_of(made.paths, [](const path_pattern& each) { return each.type == path_pattern::kind::unknown; })) {
            out.say(regex->line, "safe_regex: neither a path nor the beginning of one: the strictest of what could fit counts: " +
                                     text_at(*regex, "regex"));
        }
        if (made.conditional) {
            made.paths.emplace_back(anything);
        }
    }
    for (const node& each : items_at(*match, "headers")) {
        const auto method = exact_method(each);
        if (method && made.methods.empty()) {
            made.methods.insert(*method);
        } else {
            out.say(each.line, "a match by headers: the strictest of what could fit counts");
            made.conditional = true;
        }
    }
    for (const node* each : other_keys(*match, {"prefix", "path", "path_separated_prefix", "safe_regex", "headers"})) {
        if (each->text == "connect_matcher" || each->text == "case_sensitive" || each->text == "grpc" || each->text == "query_parameters" ||
            each->text == "path_match_policy" || each->text == "runtime_fraction") {
            out.say(each->line, each->text + " of a match: the strictest of what could fit counts");
        } else {
            out.say(each->line, "not known in a match: " + each->text);
        }
        made.conditional = true;
        made.paths.emplace_back(anything);
    }
    if (made.paths.empty()) {
        made.paths.emplace_back(anything);
    }
    return made;
}

std::string type_of(const node& typed) {
    const std::string type = text_at(typed, "@type");
    return type.substr(type.rfind('.') == std::string::npos ? 0 : type.rfind('.') + 1);
}

const node* typed_config(const node& of) {
    const node* const typed = find(of, "typed_config");
    return typed != nullptr ? typed : find(of, "config");
}

std::optional<requirement> read_string_matcher(const std::string& claim, const node& matcher) {
    if (is_true(matcher, "ignore_case")) {
        return std::nullopt;
    }
    const auto with = [&](const char* key) { return text_at(matcher, key); };
    if (const std::string text = with("exact"); !text.empty()) {
        return claim_is(claim, {text});
    }
    if (const std::string text = with("prefix"); can_be_pattern(text)) {
        return claim_matches(claim, text + '*');
    }
    if (const std::string text = with("suffix"); can_be_pattern(text)) {
        return claim_matches(claim, '*' + text);
    }
    if (const std::string text = with("contains"); can_be_pattern(text)) {
        return claim_matches(claim, '*' + text + '*');
    }
    return std::nullopt;
}

} // namespace bearward::proxy::commands::importing
