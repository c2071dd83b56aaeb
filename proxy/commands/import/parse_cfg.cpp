// The part of TOML that oauth2-proxy's configuration files use: `key = value` with texts, numbers,
// true, false and lists of them.
#include "policies/ascii.hpp"
#include "proxy/commands/import/oauth2_proxy_options.hpp"
#include "proxy/commands/import/peer_values.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

constexpr std::size_t most_entries = 2000;
constexpr std::size_t most_values = 5000;

bool is_key_byte(char c) {
    return policies::is_name_byte(c) || c == '-';
}

class parser {
public:
    explicit parser(const std::string& text) : text_(text) {}

    cfg_file parse() {
        cfg_file file;
        while (!fault_ && skip_to_key()) {
            cfg_entry entry = read_entry();
            if (!fault_ && std::ranges::find(file.entries, entry.key, &cfg_entry::key) != file.entries.end()) {
                fail("'" + entry.key + "' is written twice");
            }
            if (file.entries.size() >= most_entries) {
                fail("more than " + std::to_string(most_entries) + " options");
            }
            file.entries.push_back(std::move(entry));
        }
        file.fault = fault_;
        return file;
    }

private:
    void fail(std::string what) {
        if (!fault_) {
            fault_ = note{line_, std::move(what), true};
        }
    }
    [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
    [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
    void next() {
        line_ += peek() == '\n' ? 1 : 0;
        ++at_;
    }
    void skip_blanks() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\r') {
            next();
        }
    }
    void skip_comment() {
        while (!at_end() && peek() != '\n') {
            next();
        }
    }
    /// Over empty lines and comments; false at the end.
    bool skip_to_key() {
        while (true) {
            skip_blanks();
            if (peek() == '#') {
                skip_comment();
            } else if (peek() == '\n') {
                next();
            } else {
                return !at_end();
            }
        }
    }

    cfg_entry read_entry() {
        cfg_entry entry{.line = line_, .key = {}, .values = {}};
        while (is_key_byte(peek())) {
            entry.key += peek() == '-' ? '_' : policies::to_lower(peek());
            next();
        }
        skip_blanks();
        if (entry.key.empty() || peek() != '=') {
            fail(peek() == '[' ? "sections are not read: oauth2-proxy has none" : "expected `key = value`");
            return entry;
        }
        next();
        skip_blanks();
        if (peek() == '[') {
            entry.list = true;
            read_list(entry.values);
        } else {
            entry.values.push_back(read_value());
        }
        skip_blanks();
        if (peek() == '#') {
            skip_comment();
        }
        if (!at_end() && peek() != '\n') {
            fail("expected the end of the line behind the value of '" + entry.key + "'");
        }
        return entry;
    }

    void read_list(std::vector<std::string>& values) {
        next();
        while (!fault_ && skip_to_key() && peek() != ']') {
            values.push_back(read_value());
            skip_to_key();
            if (peek() == ',') {
                next();
            } else if (peek() != ']') {
                fail("expected `,` or `]` in a list");
            }
            if (values.size() > most_values) {
                fail("a list of more than " + std::to_string(most_values) + " values");
            }
        }
        if (peek() != ']') {
            fail("a list isn't closed");
        }
        next();
    }

    std::string read_value() {
        if (peek() == '"' || peek() == '\'') {
            return read_quoted();
        }
        std::string word;
        while (policies::is_alphanumeric(peek()) || (peek() != '\0' && std::string_view("_.+-:").contains(peek()))) {
            word += peek();
            next();
        }
        if (word.empty()) {
            fail("expected a text in quotes, a number, true, false or a list");
        }
        return word;
    }

    std::string read_quoted() {
        const char quote = peek();
        next();
        std::string value;
        if (text_.compare(at_, 2, std::string(2, quote)) == 0) {
            fail("texts of several lines are not read");
        }
        while (!at_end() && peek() != quote && peek() != '\n') {
            if (peek() == '\\' && quote == '"') {
                next();
                constexpr std::string_view names = "\"\\nrt";
                constexpr std::string_view means = "\"\\\n\r\t";
                const std::size_t which = names.find(peek());
                if (at_end() || which == std::string_view::npos) {
                    fail("an escape that is not read here: write the text in single quotes");
                    return value;
                }
                value += means[which];
            } else {
                value += peek();
            }
            next();
        }
        if (peek() != quote) {
            fail("a quote isn't closed");
        }
        next();
        return value;
    }

    const std::string& text_;
    std::size_t at_ = 0;
    int line_ = 1;
    std::optional<note> fault_;
};

} // namespace

cfg_file parse_cfg(const std::string& text) {
    return parser(text).parse();
}

bool looks_like_cfg(const std::string& text) {
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line(text.data() + begin, end - begin);
        line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
        if (!line.empty() && line.front() != '#') {
            const auto key = static_cast<std::size_t>(std::ranges::find_if_not(line, is_key_byte) - line.begin());
            const std::size_t sign = line.find_first_not_of(" \t", key);
            return key > 0 && sign != std::string_view::npos && line[sign] == '=';
        }
        begin = end + 1;
    }
    return true; // it says nothing
}

} // namespace bearward::proxy::commands::importing
