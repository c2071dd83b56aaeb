#include "proxy/commands/import/path_pattern.hpp"

#include "policies/ascii.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

constexpr std::size_t most_stems = 32;
constexpr std::string_view special = ".[]{}()*+?|^$\\";

bool is_word_byte(char c) {
    return policies::is_name_byte(c);
}

/// Of `\.`: the byte that it means; nothing for `\d` and its like.
std::optional<char> escaped(std::string_view rest) {
    if (rest.size() < 2 || rest[0] != '\\' || is_word_byte(rest[1])) {
        return std::nullopt;
    }
    return rest[1];
}

/// Reads an expression from the left for as long as it is text and groups of texts.
class reader {
public:
    explicit reader(std::string_view expression) : rest_(expression) {}

    /// Consumes as much as is understood.
    void read() {
        while (!rest_.empty()) {
            if (const auto byte = escaped(rest_)) {
                if (is_repeated(rest_.substr(2))) {
                    return;
                }
                append(*byte);
                rest_.remove_prefix(2);
            } else if (rest_.front() == '.' && !is_repeated(rest_.substr(1))) {
                narrowed_ = true;
                append('.');
                rest_.remove_prefix(1);
            } else if (rest_.front() == '(') {
                if (!read_group()) {
                    return;
                }
            } else if (special.contains(rest_.front()) || is_repeated(rest_.substr(1))) {
                return;
            } else {
                append(rest_.front());
                rest_.remove_prefix(1);
            }
        }
    }

    [[nodiscard]] const std::vector<std::string>& stems() const { return stems_; }
    [[nodiscard]] std::string_view rest() const { return rest_; }
    [[nodiscard]] bool narrowed() const { return narrowed_; }
    /// What every path has at its begin.
    [[nodiscard]] std::string common() const {
        std::string begin = stems_.front();
        for (const std::string& each : stems_) {
            const auto difference = std::ranges::mismatch(begin, each);
            begin.erase(difference.in1, begin.end());
        }
        // A point may have been any byte.
        return narrowed_ ? begin.substr(0, certain_) : begin;
    }

private:
    static bool is_repeated(std::string_view behind) { return !behind.empty() && std::string_view("*+?{").contains(behind.front()); }

    void append(char byte) {
        if (!narrowed_) {
            certain_ = std::ranges::min(stems_, {}, &std::string::size).size() + 1;
        }
        for (std::string& each : stems_) {
            each += byte;
        }
    }

    /// (a|b) and (?:a|b) of texts.
    bool read_group() {
        const std::size_t end = rest_.find(')');
        if (end == std::string_view::npos || is_repeated(rest_.substr(end + 1))) {
            return false;
        }
        std::string_view inside = rest_.substr(1, end - 1);
        if (inside.starts_with("?:")) {
            inside.remove_prefix(2);
        }
        std::vector<std::string> alternatives{""};
        while (!inside.empty()) {
            if (const auto byte = escaped(inside)) {
                alternatives.back() += *byte;
                inside.remove_prefix(2);
            } else if (inside.front() == '|') {
                alternatives.emplace_back();
                inside.remove_prefix(1);
            } else if (special.contains(inside.front())) {
                return false;
            } else {
                alternatives.back() += inside.front();
                inside.remove_prefix(1);
            }
        }
        if (stems_.size() * alternatives.size() > most_stems) {
            return false;
        }
        std::vector<std::string> grown;
        for (const std::string& stem : stems_) {
            for (const std::string& each : alternatives) {
                grown.push_back(stem + each);
            }
        }
        stems_ = std::move(grown);
        rest_.remove_prefix(end + 1);
        return true;
    }

    std::string_view rest_;
    std::vector<std::string> stems_{""};
    bool narrowed_ = false;
    std::size_t certain_ = 0;
};

void add(understood_regex& out, path_pattern::kind type, const std::string& text) {
    out.patterns.push_back({type, text});
}

/// What the end of the expression makes of a stem; false: nothing that can be said.
bool add_by_end(understood_regex& out, const std::string& stem, std::string_view end, bool whole) {
    using enum path_pattern::kind;
    if (end == "$" || (end.empty() && whole)) {
        add(out, exact, stem);
    } else if (end.empty() || end == ".*" || end == ".*$") {
        add(out, prefix, stem);
    } else if (end == "/?$" || (end == "/?" && whole)) {
        add(out, exact, stem);
        add(out, exact, stem + '/');
    } else if (end == "(/.*)?$" || end == "(?:/.*)?$" || end == "(/|$)" || end == "(/|$).*" ||
               (whole && (end == "(/.*)?" || end == "(?:/.*)?"))) {
        add(out, segments, stem);
    } else {
        return false;
    }
    return true;
}

/// Whether an alternative stands outside of a group, and has a beginning of its own; or who can tell.
bool is_divided(std::string_view expression) {
    std::size_t depth = 0;
    std::size_t class_begin = std::string_view::npos; // of [...], in which ( and | are bytes
    for (std::size_t at = 0; at < expression.size(); ++at) {
        const char c = expression[at];
        if (c == '\\') {
            ++at;
            if (expression.substr(at).starts_with('Q')) { // what stands behind is text up to \E
                return true;
            }
        } else if (class_begin != std::string_view::npos) {
            class_begin = c == ']' && at > class_begin ? std::string_view::npos : class_begin;
        } else if (c == '[') {
            class_begin = at + (expression.substr(at + 1).starts_with('^') ? 2 : 1);
        } else if (c == '(') {
            ++depth;
        } else if ((c == '|' || c == ')') && depth == 0) {
            return true;
        } else if (c == ')') {
            --depth;
        }
    }
    return depth > 0;
}

} // namespace

fit matches(const path_pattern& pattern, const slice& paths) {
    const std::string& text = pattern.text;
    const auto sure = [](bool yes) { return yes ? fit::yes : fit::no; };
    switch (pattern.type) {
    case path_pattern::kind::exact:
        return sure(!paths.open && paths.text == text);
    case path_pattern::kind::prefix:
        return sure(paths.text.starts_with(text));
    case path_pattern::kind::segments:
        return sure((!paths.open && paths.text == text) || paths.text.starts_with(text.ends_with('/') ? text : text + '/'));
    case path_pattern::kind::unknown:
        break;
    }
    // What begins deeper is at a place of its own: see folder_of.
    const std::string begin = paths.open ? paths.text.substr(0, paths.text.size() - 1) : paths.text;
    const bool inside = paths.open && text.starts_with(begin) && text.find('/', begin.size()) == std::string::npos;
    return paths.text.starts_with(text) || inside ? fit::maybe : fit::no;
}

understood_regex understand_regex(std::string_view expression, regex_use use) {
    understood_regex out;
    std::string_view rest = expression;
    const bool anchored = rest.starts_with('^');
    rest.remove_prefix(anchored ? 1 : 0);
    const bool whole = use == regex_use::whole;
    if ((!anchored && !whole) || is_divided(rest)) {
        add(out, path_pattern::kind::unknown, "");
        return out;
    }
    reader read(rest);
    read.read();
    bool good = true;
    for (const std::string& stem : read.stems()) {
        good = good && stem.starts_with('/') && add_by_end(out, stem, read.rest(), whole);
    }
    out.narrowed = read.narrowed();
    if (!good) {
        out = {}; // what may be repeated is not consumed, so that all paths have this beginning
        add(out, path_pattern::kind::unknown, read.common());
    }
    return out;
}

std::string folder_of(const std::string& text) {
    const std::size_t slash = text.rfind('/');
    return slash == std::string::npos ? std::string() : text.substr(0, slash);
}

path_pattern sayable(path_pattern pattern) {
    if (is_plain_path(pattern.text)) {
        return pattern;
    }
    while (!pattern.text.empty() && !is_plain_path(pattern.text)) {
        pattern.text.pop_back();
    }
    return {path_pattern::kind::unknown, pattern.text};
}

bool is_plain_path(std::string_view path) {
    if (!path.starts_with('/') || path.contains("//") || path.size() > 1024) {
        return false;
    }
    const auto good = [](char c) { return is_word_byte(c) || std::string_view("/.-~@+=,!&'").contains(c); };
    if (!std::ranges::all_of(path, good)) {
        return false;
    }
    const std::string closed = std::string(path) + '/';
    return !closed.contains("/./") && !closed.contains("/../") && !path.starts_with("/.bearward");
}

} // namespace bearward::proxy::commands::importing
