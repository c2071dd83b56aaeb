#include "config/manual_text.hpp"

#include "policies/ascii.hpp"

#include <algorithm>

namespace bearward::config {
namespace {

void append_escaped(std::string& out, std::string_view text) {
    for (const char each : text) {
        if (each == '\\') {
            out += "\\e";
        } else if (each == '-') {
            out += "\\-";
        } else {
            out += each;
        }
    }
}

/// A point or an apostrophe at the start of a line begins a request.
std::string guarded(const std::string& line) {
    return line.starts_with('.') || line.starts_with('\'') ? "\\&" + line : line;
}

/// Length of `[text](link)` at the start; 0: there is none.
std::size_t link_length(std::string_view text) {
    const auto middle = text.find("](");
    const auto end = middle == std::string_view::npos ? middle : text.find(')', middle);
    return end == std::string_view::npos || text.substr(0, middle).find('`') != std::string_view::npos ? 0 : end + 1;
}

template <class Use>
void each_line(std::string_view text, Use use) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        use(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

} // namespace

std::string manual_text(std::string_view markdown) {
    std::string out;
    bool bold = false;
    while (!markdown.empty()) {
        std::size_t used = 1;
        if (markdown.front() == '`') {
            bold = !bold;
            out += bold ? "\\fB" : "\\fR";
        } else if (const std::size_t link = !bold && markdown.front() == '[' ? link_length(markdown) : 0; link > 0) {
            append_escaped(out, markdown.substr(1, markdown.find("](") - 1));
            used = link;
        } else {
            append_escaped(out, markdown.substr(0, 1));
        }
        markdown.remove_prefix(used);
    }
    return guarded(out);
}

std::string manual_paragraphs(std::string_view markdown) {
    std::string out;
    each_line(markdown, [&out](std::string_view line) {
        if (line.starts_with("* ")) {
            out += ".IP \\(bu 2\n" + manual_text(line.substr(2)) + '\n';
        } else if (!line.empty()) {
            out += ".PP\n" + manual_text(line) + '\n';
        }
    });
    return out;
}

std::string manual_lines(std::string_view text) {
    std::string out = ".PP\n.nf\n";
    each_line(text, [&out](std::string_view line) {
        std::string escaped;
        append_escaped(escaped, line);
        out += guarded(escaped) + '\n';
    });
    return out + ".fi\n";
}

std::string manual_head(std::string_view name, int section, std::string_view summary) {
    std::string title(name);
    std::ranges::transform(title, title.begin(),
                           [](char each) { return policies::is_lower(each) ? static_cast<char>(each - 'a' + 'A') : each; });
    return ".TH " + title + ' ' + std::to_string(section) + " \"\" \"bearward " BEARWARD_VERSION "\"\n.ad l\n.SH NAME\n" +
           manual_text(name) + " \\- " + manual_text(summary) + '\n';
}

} // namespace bearward::config
