#include "policies/text.hpp"

#include "policies/ascii.hpp"
#include "policies/requests/escapes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bearward::policies {
namespace {

constexpr std::string_view mask = "***";
constexpr std::string_view cut_mark = "...";

/// One character of a text, an escape counting as the byte that it stands for.
struct letter {
    char byte = 0;
    std::size_t size = 0; ///< in the text; 0: the end
};

letter read_letter(std::string_view text, std::size_t at) noexcept {
    if (at >= text.size()) {
        return {};
    }
    const auto escaped = text[at] == '%' ? requests::escaped_byte(text, at) : std::nullopt;
    return escaped ? letter{static_cast<char>(*escaped), 3} : letter{text[at], 1};
}

/// A stretch of a text; `end` 0: none.
struct stretch {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Where `start` at `at` ends; 0: it isn't there.
std::size_t end_of_start(std::string_view text, std::size_t at, std::string_view start) noexcept {
    for (const char expected : start) {
        const letter each = read_letter(text, at);
        if (each.size == 0 || each.byte != expected) {
            return 0;
        }
        at += each.size;
    }
    return at;
}

/// What a credential begins with, and what it has at least after that.
struct credential_form {
    std::string_view start;
    std::size_t letters; ///< of base64url
    std::size_t dots;    ///< among them; without any of its own a dot ends it
};

/// `{"` in base64url: a JOSE header's first bytes. Of an API key a good part counts for it.
constexpr std::array<credential_form, 2> credential_forms{{{"eyJ", 0, 2}, {"bwk_", 16, 0}}};

/// The run of letters after the start of a credential, from `at` on.
struct letter_run {
    std::size_t end = 0;
    std::size_t letters = 0;
    std::size_t dots = 0;
};

letter_run read_run(std::string_view text, std::size_t at, bool with_dots) noexcept {
    letter_run run{.end = at};
    for (letter each = read_letter(text, at); each.size != 0 && ((with_dots && each.byte == '.') || is_base64url(each.byte));
         each = read_letter(text, run.end)) {
        ++(each.byte == '.' ? run.dots : run.letters);
        run.end += each.size;
    }
    return run;
}

/// The first credential of the form that begins at `from` or later. Linear: a run of
/// letters that is none is passed as a whole, since no end of it is one.
stretch find_form(std::string_view text, std::size_t from, const credential_form& form) noexcept {
    const bool escapes = text.find('%', from) != std::string_view::npos;
    while (from < text.size()) {
        if (!escapes) {
            from = text.find(form.start, from);
            if (from == std::string_view::npos) {
                return {};
            }
        }
        const std::size_t start = end_of_start(text, from, form.start);
        if (start == 0) {
            ++from;
            continue;
        }
        const letter_run run = read_run(text, start, form.dots != 0);
        if (run.letters >= form.letters && run.dots >= form.dots) {
            return {from, run.end};
        }
        from = run.end;
    }
    return {};
}

/// Finds the credentials of a text one after the other. A form that was not found before
/// the end is not looked for again, so that all together is linear too.
class credential_finder {
public:
    explicit credential_finder(std::string_view text) noexcept : text_(text) {
        for (std::size_t index = 0; index < credential_forms.size(); ++index) {
            next_[index] = find_form(text, 0, credential_forms[index]);
        }
    }

    /// The first one that begins at `from`, which never goes back, or later.
    [[nodiscard]] stretch find(std::size_t from) noexcept {
        stretch first;
        for (std::size_t index = 0; index < credential_forms.size(); ++index) {
            stretch& next = next_[index];
            if (next.end != 0 && next.begin < from) {
                next = find_form(text_, from, credential_forms[index]);
            }
            first = next.end != 0 && (first.end == 0 || next.begin < first.begin) ? next : first;
        }
        for (const stretch& each : next_) { // one may begin inside of another
            first.end = each.end != 0 && each.begin < first.end ? std::max(first.end, each.end) : first.end;
        }
        return first;
    }

private:
    std::string_view text_;
    std::array<stretch, credential_forms.size()> next_{};
};

void append_escaped(std::string& out, char byte) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '\'' || byte == '\\') {
        out += '\\';
        out += byte;
    } else if (code >= 0x20 && code < 0x7F) {
        out += byte;
    } else {
        out += "\\x";
        append_hex(out, byte, upper_hex);
    }
}

} // namespace

void append_masked(std::string& out, std::string_view text) {
    std::size_t done = 0;
    credential_finder finder(text);
    for (stretch found = finder.find(0); found.end != 0; found = finder.find(done)) {
        out.append(text, done, found.begin - done);
        out += mask;
        done = found.end;
    }
    out.append(text, done);
}

bool holds_token(std::string_view text) noexcept {
    return std::ranges::any_of(credential_forms, [&](const credential_form& form) { return find_form(text, 0, form).end != 0; });
}

void append_quoted(std::string& out, std::string_view text) {
    std::string masked;
    append_masked(masked, text); // before it is cut: the rest of a token would not look like one
    out += '\'';
    const std::size_t start = out.size();
    bool cut = false;
    for (std::size_t at = 0; at < masked.size() && !cut; ++at) {
        const std::size_t before = out.size();
        append_escaped(out, masked[at]);
        cut = out.size() - start > longest_quoted_part;
        if (cut) {
            out.resize(before);
        }
    }
    out += '\'';
    if (cut) {
        out += cut_mark;
    }
}

std::string in_quotes(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
}

void bound_cause(std::string& cause) {
    if (holds_token(cause)) {
        std::string masked;
        append_masked(masked, cause);
        cause = std::move(masked);
    }
    if (cause.size() > longest_cause) {
        std::size_t end = longest_cause - cut_mark.size();
        while (end > 0 && (static_cast<unsigned char>(cause[end]) & 0xC0U) == 0x80U) {
            --end; // half a character would be no UTF-8
        }
        cause.resize(end);
        cause += cut_mark;
    }
}

} // namespace bearward::policies
