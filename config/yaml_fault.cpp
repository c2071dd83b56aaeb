#include "config/yaml_fault.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <vector>

namespace bearward::config {

namespace {

struct position {
    std::size_t at = 0;
    int line = 1;
    int column = 1;
};

constexpr std::string_view blanks = " \t";
constexpr std::string_view name_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

/// Behind the quote that closes the one at `start`; nothing: there is none.
std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t start) {
    const char quote = text[start];
    for (std::size_t at = start + 1; at < text.size(); ++at) {
        const bool doubled = quote == '\'' && text.substr(at).starts_with("''");
        if (doubled || (quote == '"' && text[at] == '\\')) {
            ++at;
        } else if (text[at] == quote) {
            return at + 1;
        }
    }
    return std::nullopt;
}

/// Goes over a text as YAML's tokens, roughly: it only has to be right up to a fault.
class scanner {
public:
    scanner(std::string_view text, int line, int column) : text_(text), error_line_(line), error_column_(column) {}

    std::optional<yaml_fault> run() {
        while (here_.at < text_.size() && !found_) {
            step();
        }
        if (!found_ && !open_.empty()) {
            blame(open_.back(), std::string("the ") + text_[open_.back().at] + " that begins here isn't closed");
        }
        // Behind the place where the parser gave up the reason can't be.
        const bool before = found_ && found_->line <= error_line_;
        return before && !(tab_ && found_->line >= tab_->line) ? found_ : tab_;
    }

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const { return here_.at + ahead < text_.size() ? text_[here_.at + ahead] : '\n'; }
    [[nodiscard]] bool in_flow() const { return !open_.empty(); }

    void blame(const position& where, std::string what) { found_ = yaml_fault{where.line, where.column, std::move(what)}; }

    void next() {
        here_.column = text_[here_.at] == '\n' ? 1 : here_.column + 1;
        here_.line += text_[here_.at] == '\n' ? 1 : 0;
        ++here_.at;
    }

    void skip_line() {
        while (here_.at < text_.size() && peek() != '\n') {
            next();
        }
    }

    void step() {
        const char letter = peek();
        if (letter == '\n') {
            next();
            plain_ = false;
            begin_line();
        } else if (blanks.contains(letter) || letter == '\r') {
            next();
        } else if (letter == '#' && (here_.column == 1 || blanks.contains(text_[here_.at - 1]))) {
            skip_line();
        } else if (plain_) {
            step_in_text(letter);
        } else {
            step_to_token(letter);
        }
    }

    void begin_line() {
        indentation_ = 0;
        const position start = here_;
        while (peek() == ' ') {
            next();
            ++indentation_;
        }
        const position tab = here_;
        while (here_.at < text_.size() && blanks.contains(peek())) {
            next();
        }
        const bool tabbed = tab.at != here_.at && peek() != '\n' && peek() != '#';
        if (tabbed && !in_flow() && (start.line == error_line_ || start.line + 1 == error_line_)) {
            tab_ = yaml_fault{tab.line, tab.column, "a tab in the indentation; YAML is indented with spaces"};
        }
    }

    void step_to_token(char letter) {
        if (letter == '"' || letter == '\'') {
            quoted();
        } else if (letter == '{' || letter == '[') {
            open_.push_back(here_);
            next();
        } else if (in_flow() && (letter == '}' || letter == ']')) {
            close(letter);
        } else if (letter == ',' || ((letter == '-' || letter == '?' || letter == ':') && ends_word(peek(1)))) {
            next();
        } else if (!in_flow() && (letter == '|' || letter == '>')) {
            block_scalar();
        } else if (std::string_view("*&@`%").contains(letter) && here_.line == error_line_) {
            blame(here_, std::string("text that begins with ") + letter + " needs quotes" +
                             (letter == '*' ? "; without them it stands for an anchor" : ""));
        } else {
            plain_ = true;
            text_start_ = here_;
            next();
        }
    }

    [[nodiscard]] static bool ends_word(char letter) { return letter == '\n' || letter == '\r' || blanks.contains(letter); }

    void step_in_text(char letter) {
        if (in_flow() && (letter == '{' || letter == '[')) {
            text_with_brackets(letter);
        } else if (in_flow() && (letter == '}' || letter == ']')) {
            plain_ = false;
            close(letter);
        } else if (in_flow() && letter == ',') {
            plain_ = false;
            next();
        } else if (letter == ':' && (ends_word(peek(1)) || (in_flow() && std::string_view(",[]{}").contains(peek(1))))) {
            plain_ = false;
            check_second_value();
            next();
        } else {
            next();
        }
    }

    /// A colon at which the parser gave up: of what, is the question.
    void check_second_value() {
        if (in_flow() || here_.line != error_line_ || here_.column != error_column_) {
            return;
        }
        const std::size_t line_start = text_.rfind('\n', here_.at) + 1; // npos + 1 is 0
        if (text_.substr(line_start, here_.at - line_start).contains(": ")) {
            blame(here_, "text with a colon and a blank in it needs quotes");
        } else if (const auto above = text_.find_last_not_of(" \r\n", line_start); above != std::string_view::npos && text_[above] != ':') {
            blame(text_start_, "the key above has a value already: a key has a value or keys below it, not both");
        }
    }

    /// Whether the text in which we are is the value of one of these keys, on its line.
    [[nodiscard]] bool is_value_of(std::initializer_list<std::string_view> keys) const {
        std::string_view before = text_.substr(0, text_start_.at);
        before = before.substr(0, before.find_last_not_of(blanks) + 1);
        return std::ranges::any_of(keys, [&](std::string_view key) {
            const std::size_t start = before.size() - std::min(before.size(), key.size() + 1);
            return before.ends_with(':') && before.substr(start, key.size()) == key &&
                   (start == 0 || std::string_view(" \t{,\n").contains(before[start - 1]));
        });
    }

    /// `{prefix: /t/{id}}`: the second brace would begin a map. Only what is a path's is
    /// repeated: other text may be a secret.
    void text_with_brackets(char letter) {
        std::string shown = letter == '{' ? (text_[here_.at - 1] == '$' ? "${...}" : "braces") : "brackets";
        const std::size_t end = text_.find_first_not_of(name_letters, here_.at + 1);
        if (letter == '{' && end != std::string_view::npos && end - here_.at <= 64 && text_[end] == '}' &&
            is_value_of({"prefix", "exact", "path"})) {
            shown = std::string(text_.substr(here_.at, end - here_.at)) + '}';
        }
        blame(here_, "inside of {} and [] a value with " + shown + " in it needs quotes");
    }

    void close(char letter) {
        const position opened = open_.back();
        if ((text_[opened.at] == '{') != (letter == '}')) {
            blame(opened, std::string("the ") + text_[opened.at] + " that begins here isn't closed before the " + letter + " at line " +
                              std::to_string(here_.line));
            return;
        }
        open_.pop_back();
        next();
        const bool followed = !ends_word(peek()) && !std::string_view(",}]").contains(peek()) && !(peek() == ':' && ends_word(peek(1)));
        if (followed) {
            blame(opened, std::string("text that begins with ") + text_[opened.at] + " needs quotes");
        }
    }

    void quoted() {
        const position start = here_;
        const auto end = end_of_quoted(text_, here_.at);
        while (here_.at < end.value_or(text_.size())) {
            next();
        }
        const std::size_t after = text_.find_first_not_of(blanks, here_.at);
        const bool followed = after != std::string_view::npos && !std::string_view("\r\n,}]:#").contains(text_[after]);
        if (!end || (followed && here_.line != start.line)) {
            blame(start, std::string(quote_not_closed));
        }
    }

    /// Its lines are text whatever stands in them.
    void block_scalar() {
        const std::size_t around = indentation_;
        skip_line();
        while (here_.at < text_.size()) {
            const std::size_t first = text_.find_first_not_of(' ', here_.at + 1);
            const bool blank = first == std::string_view::npos || text_[first] == '\n' || text_[first] == '\r';
            if (!blank && first - here_.at - 1 <= around) {
                return;
            }
            next();
            skip_line();
        }
    }

    std::string_view text_;
    int error_line_;
    int error_column_;
    position here_;
    position text_start_;
    std::vector<position> open_; ///< brackets
    std::size_t indentation_ = 0;
    bool plain_ = false; ///< inside of text without quotes
    std::optional<yaml_fault> found_;
    std::optional<yaml_fault> tab_;
};

} // namespace

bool is_open_quote(std::string_view text, int line, int column) {
    std::size_t start = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; // a byte order mark, which no column counts
    for (int each = 1; each < line; ++each) {
        start = text.find('\n', start) + 1;
    }
    start += static_cast<std::size_t>(column) - 1;
    return start < text.size() && std::string_view("\"'").contains(text[start]) && !end_of_quoted(text, start);
}

std::optional<yaml_fault> find_yaml_fault(std::string_view text, int line, int column) {
    return scanner(text, line, column).run();
}

} // namespace bearward::config
