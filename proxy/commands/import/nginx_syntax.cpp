#include "proxy/commands/import/nginx_syntax.hpp"

namespace bearward::proxy::commands::importing {
namespace {

constexpr std::size_t deepest = 16;
constexpr std::size_t most_directives = 20'000;
constexpr std::size_t longest_word = 4096;
constexpr std::size_t most_words = 2048;

enum class token : std::uint8_t { word, end, open, close, nothing };

class parser {
public:
    explicit parser(const std::string& text) : text_(text) {}

    nginx_file parse() {
        nginx_file file;
        read_block(file.directives, 0);
        file.fault = fault_;
        return file;
    }

private:
    void fail(std::string what) {
        if (!fault_) {
            fault_ = note{line_, std::move(what), true};
        }
    }
    [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    void next() {
        line_ += peek() == '\n' ? 1 : 0;
        ++at_;
    }
    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    token read_token() {
        while (at_ < text_.size() && (is_blank(peek()) || peek() == '#')) {
            if (peek() == '#') {
                while (at_ < text_.size() && peek() != '\n') {
                    next();
                }
            } else {
                next();
            }
        }
        word_.clear();
        if (at_ >= text_.size()) {
            return token::nothing;
        }
        const char c = peek();
        if (c == ';' || c == '{' || c == '}') {
            next();
            return c == ';' ? token::end : c == '{' ? token::open : token::close;
        }
        c == '"' || c == '\'' ? read_quoted(c) : read_word();
        return fault_ ? token::nothing : token::word;
    }

    void append() {
        word_ += peek();
        next();
        if (word_.size() > longest_word) {
            fail("a word of more than " + std::to_string(longest_word) + " bytes");
        }
    }

    /// As nginx: of escapes only those of quotes, backslashes, tabs and line ends are taken out.
    void read_escape() {
        const char what = peek(1);
        if (what == '"' || what == '\'' || what == '\\') {
            next();
            append();
        } else if (what == 't' || what == 'r' || what == 'n') {
            next();
            next();
            word_ += what == 't' ? '\t' : what == 'r' ? '\r' : '\n';
        } else {
            append();
            if (at_ < text_.size()) {
                append();
            }
        }
    }

    void read_quoted(char quote) {
        next();
        while (!fault_ && at_ < text_.size() && peek() != quote) {
            peek() == '\\' ? read_escape() : append();
        }
        if (peek() != quote) {
            return fail("a quote isn't closed");
        }
        next();
        if (!is_blank(peek()) && peek() != ';' && peek() != '{' && peek() != ')' && peek() != '\0') {
            fail("expected white space behind a quote");
        }
    }

    void read_word() {
        while (!fault_ && at_ < text_.size() && !is_blank(peek()) && peek() != ';') {
            if (peek() == '$' && peek(1) == '{') {
                append();
                append();
            } else if (peek() == '{') {
                return;
            } else {
                peek() == '\\' ? read_escape() : append();
            }
        }
    }

    void read_block(std::vector<nginx_directive>& into, std::size_t depth) {
        nginx_directive one;
        while (!fault_) {
            const int line = line_;
            switch (read_token()) {
            case token::word:
                add_word(one);
                break;
            case token::end:
                finish(one, into, line);
                break;
            case token::open:
                if (depth >= deepest) {
                    return fail("nested deeper than " + std::to_string(deepest) + " levels");
                }
                one.has_block = true;
                read_block(one.block, depth + 1);
                finish(one, into, line);
                break;
            case token::close:
                if (depth == 0 || one.line > 0) {
                    fail("a `}` that nothing began, or a directive without `;`");
                }
                return;
            case token::nothing:
                if (depth > 0 || one.line > 0) {
                    fail("a block or a directive isn't closed");
                }
                return;
            }
        }
    }

    void add_word(nginx_directive& one) {
        if (one.line == 0) { // '' is a name, in a map
            one.name = word_;
            one.line = line_;
        } else {
            one.words.push_back(word_);
        }
        if (one.words.size() > most_words) {
            fail("a directive of more than " + std::to_string(most_words) + " words");
        }
    }

    void finish(nginx_directive& one, std::vector<nginx_directive>& into, int line) {
        if (one.line == 0) {
            line_ = line;
            return fail("a `;` or a block without a directive");
        }
        if (++count_ > most_directives) {
            return fail("more than " + std::to_string(most_directives) + " directives");
        }
        into.push_back(std::move(one));
        one = {};
    }

    const std::string& text_;
    std::size_t at_ = 0;
    int line_ = 1;
    std::string word_;
    std::size_t count_ = 0;
    std::optional<note> fault_;
};

} // namespace

nginx_file parse_nginx(const std::string& text) {
    return parser(text).parse();
}

} // namespace bearward::proxy::commands::importing
